import type { Condition, Container, ContainerStatus, Pod } from '../../../kube/objects.ts';
import { parseTime } from '../../../lib/clock.ts';
import { humanDuration } from '../../../lib/text.ts';
import type { Cell } from './cells.ts';
import { age, orNone } from './cells.ts';

const initializing = 'Init:';

/** NAME READY STATUS RESTARTS AGE | IP NODE NOMINATED-NODE READINESS-GATES, by kubectl's rules. */
export function podRow(pod: Pod, now: number): Cell[] {
  const { spec, status } = pod;
  const containers = podContainers(pod);
  const gates = spec.readinessGates ?? [];
  const passed = gates.filter(({ conditionType }) => conditionOf(pod, conditionType)?.status === 'True').length;
  const ip = status?.podIPs?.[0]?.ip ?? status?.podIP;
  return [
    pod.metadata.name,
    `${containers.ready}/${containers.total}`,
    containers.reason,
    restarts(containers, now),
    age(pod, now),
    orNone(ip),
    orNone(spec.nodeName),
    orNone(status?.nominatedNodeName),
    gates.length > 0 ? `${passed}/${gates.length}` : '<none>',
  ];
}

interface PodSummary {
  ready: number;
  total: number;
  reason: string;
  restarts: number;
  lastRestart: number | undefined;
}

function podContainers(pod: Pod): PodSummary {
  const { spec, status, metadata } = pod;
  const sidecars = (spec.initContainers ?? []).filter((container) => container.restartPolicy === 'Always');
  const summary: PodSummary = {
    ready: 0,
    total: (spec.containers?.length ?? 0) + sidecars.length,
    reason: status?.reason || status?.phase || '',
    restarts: 0,
    lastRestart: undefined,
  };
  if (conditionOf(pod, 'PodScheduled')?.reason === 'SchedulingGated') summary.reason = 'SchedulingGated';
  const isInitializing = addInitContainers(pod, sidecars, summary);
  if (!isInitializing || conditionOf(pod, 'Initialized')?.status === 'True') addContainers(pod, sidecars, summary);
  if (metadata.deletionTimestamp && status?.reason === 'NodeLost') summary.reason = 'Unknown';
  else if (metadata.deletionTimestamp && !isOver(status?.phase)) summary.reason = 'Terminating';
  return summary;
}

function isOver(phase: string | undefined): boolean {
  return phase === 'Succeeded' || phase === 'Failed';
}

/** True while an init container has still to finish (or a sidecar to start): its state is the pod's. */
function addInitContainers(pod: Pod, sidecars: readonly Container[], summary: PodSummary): boolean {
  const total = pod.spec.initContainers?.length ?? 0;
  for (const [index, state] of (pod.status?.initContainerStatuses ?? []).entries()) {
    const isSidecar = sidecars.some(({ name }) => name === state.name);
    addRestarts(summary, state);
    if (state.state?.terminated?.exitCode === 0 && state.state.terminated !== undefined) continue;
    if (isSidecar && state.started) {
      if (state.ready) summary.ready++;
      continue;
    }
    summary.reason = initializing + initReason(state, index, total);
    return true;
  }
  return false;
}

function initReason({ state }: ContainerStatus, index: number, total: number): string {
  if (state?.terminated) {
    const { reason, signal, exitCode } = state.terminated;
    return reason || (signal ? `Signal:${signal}` : `ExitCode:${exitCode}`);
  }
  const waiting = state?.waiting?.reason;
  return waiting && waiting !== 'PodInitializing' ? waiting : `${index}/${total}`;
}

function addContainers(pod: Pod, sidecars: readonly Container[], summary: PodSummary): void {
  // Restarts of ordinary init containers are no news once they are done.
  resetRestarts(pod, sidecars, summary);
  let hasRunning = false;
  for (const status of [...(pod.status?.containerStatuses ?? [])].reverse()) {
    addRestarts(summary, status);
    const { waiting, terminated, running } = status.state ?? {};
    if (waiting?.reason) summary.reason = waiting.reason;
    else if (terminated) summary.reason = terminated.reason || (terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode}`);
    else if (status.ready && running) {
      hasRunning = true;
      summary.ready++;
    }
  }
  if (summary.reason === 'Completed' && hasRunning) summary.reason = conditionOf(pod, 'Ready')?.status === 'True' ? 'Running' : 'NotReady';
}

function resetRestarts(pod: Pod, sidecars: readonly Container[], summary: PodSummary): void {
  summary.restarts = 0;
  summary.lastRestart = undefined;
  for (const status of pod.status?.initContainerStatuses ?? []) if (sidecars.some(({ name }) => name === status.name)) addRestarts(summary, status);
}

function addRestarts(summary: PodSummary, status: ContainerStatus): void {
  summary.restarts += status.restartCount;
  const finished = status.lastState?.terminated?.finishedAt;
  if (finished) summary.lastRestart = Math.max(summary.lastRestart ?? 0, parseTime(finished));
}

function restarts({ restarts: count, lastRestart }: PodSummary, now: number): string {
  return count > 0 && lastRestart !== undefined ? `${count} (${humanDuration(now - lastRestart)} ago)` : String(count);
}

function conditionOf(pod: Pod, type: string): Condition | undefined {
  return pod.status?.conditions?.find((condition) => condition.type === type);
}

const completed: Record<string, string> = { Succeeded: 'The pod has completed successfully.', Failed: 'The pod failed.' };

export function completedConditions({ status }: Pod): object[] | undefined {
  const message = completed[status?.phase ?? ''];
  return message === undefined ? undefined : [{ type: 'Completed', status: 'True', reason: status?.phase, message }];
}
