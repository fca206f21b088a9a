import type { ContainerState, ContainerStatus, Pod } from '../../kube/objects.ts';
import { formatTime, parseTime } from '../../lib/clock.ts';
import { type ContainerRecord, containersOf, type PodRecord } from './pod-record.ts';

/**
 * The record of a pod the kubelet hears of for the first time. What the API says of containers that ran before this kubelet started is taken over as
 * a kubelet finds them after a reboot: they have exited (255, Unknown), so the restart policy decides and restartCount goes on.
 */
export function adoptPod(pod: Pod, isStatic: boolean, nowMs: number): PodRecord {
  const ended = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
  const record: PodRecord = { uid: pod.metadata.uid ?? '', pod, isStatic, hostPorts: [], containers: new Map(), terminating: false, initDone: ended, ended };
  if (ended && pod.status?.podIP) record.ip = pod.status.podIP;
  if (pod.status?.startTime) record.startTimeMs = parseTime(pod.status.startTime);
  if (ended && pod.status?.reason) record.failed = { reason: pod.status.reason, message: pod.status.message ?? '' };
  addMissingContainers(record, nowMs);
  return record;
}

/** Ephemeral containers come while a pod runs; the others are there from the start. */
export function addMissingContainers(record: PodRecord, nowMs: number): void {
  const { status } = record.pod;
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? []), ...(status?.ephemeralContainerStatuses ?? [])];
  for (const { spec, kind } of containersOf(record.pod)) {
    if (record.containers.has(spec.name)) continue;
    const container: ContainerRecord = { name: spec.name, kind, restartCount: 0, started: false, ready: false, postStart: 'none' };
    const known = statuses.find(({ name }) => name === spec.name);
    if (known) takeOver(container, known, nowMs);
    record.containers.set(spec.name, container);
  }
}

/** A static pod starts before its mirror is known; what the mirror tells of an earlier life of the node is counted afterwards. */
export function inheritRestarts(record: PodRecord, mirror: Pod, nowMs: number): void {
  for (const status of mirror.status?.containerStatuses ?? []) {
    const container = record.containers.get(status.name);
    if (!container || container.last || container.restartCount > 0 || !status.containerID || status.containerID.endsWith(`//${container.current?.id}`)) continue;
    container.restartCount = status.restartCount + 1;
    container.last = { ...exitOf(status, formatTime(nowMs)), containerID: status.containerID };
  }
}

/** How a container ended that ran when the node went down, or before. */
function exitOf(status: ContainerStatus, now: string): NonNullable<ContainerState['terminated']> {
  const { running, terminated } = status.state ?? {};
  const lost = { exitCode: 255, reason: 'Unknown', startedAt: running?.startedAt ?? now, finishedAt: now };
  return terminated ?? (running ? lost : (status.lastState?.terminated ?? lost));
}

function takeOver(container: ContainerRecord, status: ContainerStatus, nowMs: number): void {
  container.restartCount = status.restartCount;
  if (status.lastState?.terminated) container.last = status.lastState.terminated;
  const now = formatTime(nowMs);
  if (!status.containerID) return;
  const before = exitOf(status, now);
  container.lost = true;
  container.current = {
    id: status.containerID,
    sandboxId: '',
    name: status.name,
    attempt: status.restartCount,
    image: status.image,
    imageId: status.imageID,
    state: 'exited',
    createdAt: parseTime(before.startedAt ?? now),
    startedAt: parseTime(before.startedAt ?? now),
    finishedAt: parseTime(before.finishedAt ?? now),
    exitCode: before.exitCode,
    reason: before.reason ?? 'Error',
  };
}
