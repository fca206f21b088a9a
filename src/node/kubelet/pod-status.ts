import type { Condition, Container, ContainerStatus, Pod, PodStatus } from '../../kube/objects.ts';
import { formatTime } from '../../lib/clock.ts';
import { containerStatus, isReady } from './container-status.ts';
import { type ContainerRecord, hasExited, initKind, isRunning, type PodRecord } from './pod-record.ts';
import { qosClass } from './pod-resources.ts';

export interface StatusContext {
  nowMs: number;
  hostIp: string;
  runtimeName: string;
}

/** What the API should say of a pod now. `previous` keeps the times of conditions that did not change. */
export function podStatus(record: PodRecord, previous: PodStatus | undefined, context: StatusContext): PodStatus {
  const { pod } = record;
  const initialized = isInitialized(record);
  const phase = phaseOf(record, initialized);
  const options = { runtimeName: context.runtimeName, podInitialized: initialized };
  const statuses = (specs: readonly Container[] | undefined): ContainerStatus[] =>
    (specs ?? []).flatMap((spec) => {
      const container = record.containers.get(spec.name);
      return container ? [containerStatus(spec, container, options)] : [];
    });
  const status: PodStatus = {
    phase,
    conditions: conditionsOf(record, phase, initialized, previous, context.nowMs),
    hostIP: context.hostIp,
    hostIPs: [{ ip: context.hostIp }],
    qosClass: previous?.qosClass ?? qosClass(pod),
  };
  if (pod.metadata.generation !== undefined) status.observedGeneration = pod.metadata.generation;
  if (record.failed) Object.assign(status, record.failed);
  if (record.startTimeMs !== undefined) status.startTime = formatTime(record.startTimeMs);
  if (record.ip) Object.assign(status, { podIP: record.ip, podIPs: [{ ip: record.ip }] });
  if (pod.spec.initContainers?.length) status.initContainerStatuses = statuses(pod.spec.initContainers);
  status.containerStatuses = statuses(pod.spec.containers);
  if (pod.spec.ephemeralContainers?.length) status.ephemeralContainerStatuses = statuses(pod.spec.ephemeralContainers);
  return status;
}

/** All init containers have done their work, all sidecars have started. */
export function isInitialized(record: PodRecord): boolean {
  return incompleteInits(record).length === 0;
}

export function incompleteInits(record: PodRecord): string[] {
  if (record.initDone) return [];
  return (record.pod.spec.initContainers ?? [])
    .filter((spec) => {
      const container = record.containers.get(spec.name);
      if (!container) return true;
      return initKind(spec) === 'sidecar' ? !(isRunning(container) && container.started) : !(hasExited(container) && container.current?.exitCode === 0);
    })
    .map((spec) => spec.name);
}

function phaseOf(record: PodRecord, initialized: boolean): NonNullable<PodStatus['phase']> {
  if (record.failed) return 'Failed';
  const policy = record.pod.spec.restartPolicy ?? 'Always';
  const mains = containersOfKind(record, 'main');
  if (record.ended) return mains.length > 0 && mains.every(succeeded) ? 'Succeeded' : 'Failed';
  if (!initialized) return policy === 'Never' && containersOfKind(record, 'init').some((init) => hasExited(init) && !succeeded(init)) ? 'Failed' : 'Pending';
  if (mains.some((container) => !container.current)) return 'Pending';
  if (mains.some(isRunning) || policy === 'Always') return 'Running';
  if (mains.every((container) => hasExited(container) && succeeded(container))) return 'Succeeded';
  return policy === 'Never' && mains.every(hasExited) ? 'Failed' : 'Running';
}

function succeeded(container: ContainerRecord): boolean {
  return container.current?.exitCode === 0;
}

function containersOfKind(record: PodRecord, kind: ContainerRecord['kind']): ContainerRecord[] {
  return [...record.containers.values()].filter((container) => container.kind === kind);
}

function conditionsOf(record: PodRecord, phase: string, initialized: boolean, previous: PodStatus | undefined, nowMs: number): Condition[] {
  const now = formatTime(nowMs);
  const kept = previous?.conditions ?? [];
  const make = (type: string, status: boolean, reason?: string, message?: string): Condition => {
    const old = kept.find((condition) => condition.type === type);
    const text = status ? 'True' : 'False';
    const condition: Condition = { type, status: text, lastProbeTime: null, lastTransitionTime: old?.status === text && old.lastTransitionTime ? old.lastTransitionTime : now };
    if (record.pod.metadata.generation !== undefined) condition.observedGeneration = record.pod.metadata.generation;
    if (reason !== undefined) condition.reason = reason;
    if (message !== undefined) condition.message = message;
    return condition;
  };
  const finished = phase === 'Succeeded' || phase === 'Failed';
  const outcome = phase === 'Succeeded' ? 'PodCompleted' : 'PodFailed';
  const unready = [...record.containers.values()].filter((container) => (container.kind === 'main' || container.kind === 'sidecar') && !isReady(container)).map(({ name }) => name);
  const ready = unready.length === 0 && !finished;
  const readyReason = finished ? outcome : 'ContainersNotReady';
  const readyMessage = finished ? undefined : `containers with unready status: [${unready.join(' ')}]`;
  const gate = ready ? failingGate(record.pod) : undefined;
  const inits = incompleteInits(record);
  const initDone = initialized || phase === 'Succeeded';
  return [
    make('PodReadyToStartContainers', record.sandboxId !== undefined),
    initDone
      ? make('Initialized', true, phase === 'Succeeded' ? 'PodCompleted' : undefined)
      : make('Initialized', false, 'ContainersNotInitialized', `containers with incomplete status: [${inits.join(' ')}]`),
    gate ? make('Ready', false, 'ReadinessGatesNotReady', gate) : ready ? make('Ready', true) : make('Ready', false, readyReason, readyMessage),
    ready ? make('ContainersReady', true) : make('ContainersReady', false, readyReason, readyMessage),
    kept.find((condition) => condition.type === 'PodScheduled') ?? make('PodScheduled', true),
  ];
}

/** Why a readiness gate of the pod holds it back. */
function failingGate(pod: Pod): string | undefined {
  for (const { conditionType } of pod.spec.readinessGates ?? []) {
    const condition = pod.status?.conditions?.find(({ type }) => type === conditionType);
    if (!condition) return `corresponding condition of pod readiness gate "${conditionType}" does not exist.`;
    if (condition.status !== 'True') return `the status of pod readiness gate "${conditionType}" is not "True", but ${condition.status}`;
  }
  return undefined;
}
