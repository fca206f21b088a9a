import type { Container, ContainerState, ContainerStatus } from '../../kube/objects.ts';
import { formatTime } from '../../lib/clock.ts';
import type { RuntimeContainer } from '../runtime/runtime.ts';
import { type ContainerRecord, isRunning } from './pod-record.ts';

/** One container's status as the API shows it. */
export function containerStatus(spec: Container, record: ContainerRecord, options: { runtimeName: string; podInitialized: boolean }): ContainerStatus {
  const { current } = record;
  const running = isRunning(record);
  const status: ContainerStatus = {
    name: spec.name,
    image: current?.image ?? spec.image ?? '',
    imageID: current?.imageId ?? '',
    ready: isReady(record),
    started: running && record.started,
    restartCount: record.restartCount,
    state: stateOf(record, options),
    lastState: record.last ? { terminated: record.last } : {},
  };
  if (record.kind === 'ephemeral' && !running) delete status.started;
  if (current) status.containerID = containerId(options.runtimeName, current.id);
  else if (record.last?.containerID) status.containerID = record.last.containerID;
  if (record.waiting && current?.state === 'exited') status.lastState = { terminated: terminatedState(current, options.runtimeName) };
  return status;
}

/** An init container is ready when it has done its work, every other one while it runs and its probes agree. */
export function isReady(record: ContainerRecord): boolean {
  if (record.kind === 'init') return record.current?.state === 'exited' && record.current.exitCode === 0;
  return isRunning(record) && record.started && record.ready && record.kind !== 'ephemeral';
}

function stateOf(record: ContainerRecord, options: { runtimeName: string; podInitialized: boolean }): ContainerState {
  const { current, waiting } = record;
  if (current?.state === 'running') return { running: { startedAt: formatTime(current.startedAt ?? current.createdAt) } };
  if (waiting) return { waiting: waiting.message === undefined ? { reason: waiting.reason } : { reason: waiting.reason, message: waiting.message } };
  if (current?.state === 'exited') return { terminated: terminatedState(current, options.runtimeName) };
  const early = record.kind === 'main' && !options.podInitialized;
  return { waiting: { reason: early ? 'PodInitializing' : 'ContainerCreating' } };
}

export function terminatedState(container: RuntimeContainer, runtimeName: string): NonNullable<ContainerState['terminated']> {
  const exitCode = container.exitCode ?? 0;
  const state: NonNullable<ContainerState['terminated']> = { exitCode, reason: container.reason ?? (exitCode === 0 ? 'Completed' : 'Error') };
  if (container.message) state.message = container.message;
  state.startedAt = formatTime(container.startedAt ?? container.createdAt);
  state.finishedAt = formatTime(container.finishedAt ?? container.createdAt);
  state.containerID = containerId(runtimeName, container.id);
  return state;
}

/** `simulated://…`; what was found in the API has its scheme already. */
export function containerId(runtimeName: string, id: string): string {
  return id.includes('://') ? id : `${runtimeName}://${id}`;
}
