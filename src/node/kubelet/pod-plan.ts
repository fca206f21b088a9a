import type { Container } from '../../kube/objects.ts';
import type { ContainerRunner } from './container-runner.ts';
import { type ContainerRecord, hasExited, initKind, isRunning, type PodRecord } from './pod-record.ts';

/** Starts what may start now: init containers one after the other, sidecars between them, then all others together. */
export async function advancePod(runner: ContainerRunner, record: PodRecord): Promise<void> {
  const { spec } = record.pod;
  if (!(await advanceInits(runner, record))) return;
  record.initDone = true;
  const steady = (spec.initContainers ?? []).filter((init) => initKind(init) === 'sidecar').concat(spec.containers);
  await Promise.all(
    steady.map(async (container) => {
      const known = record.containers.get(container.name);
      if (known && shouldRun(container, known, record)) await runner.advance(container, known);
    }),
  );
  for (const container of spec.ephemeralContainers ?? []) {
    const known = record.containers.get(container.name);
    if (known && !known.current) await runner.advance(container, known);
  }
}

/** True when all have done their work. */
async function advanceInits(runner: ContainerRunner, record: PodRecord): Promise<boolean> {
  if (record.initDone) return true;
  for (const spec of record.pod.spec.initContainers ?? []) {
    const container = record.containers.get(spec.name);
    if (!container) return false;
    const sidecar = initKind(spec) === 'sidecar';
    if (!sidecar && succeeded(container)) continue;
    if (!isRunning(container) && !failedForGood(container, record)) await runner.advance(spec, container);
    if (!(sidecar && isRunning(container) && container.started)) return false;
  }
  return true;
}

/** Whether the restart policy wants the container to run; it does not run now. */
function shouldRun(spec: Container, container: ContainerRecord, record: PodRecord): boolean {
  if (isRunning(container)) return false;
  if (!hasExited(container)) return true;
  const policy = spec.restartPolicy ?? record.pod.spec.restartPolicy ?? 'Always';
  return policy === 'Always' || (policy === 'OnFailure' && !succeeded(container));
}

/** Nothing will start again: the main containers have ended for good, or an init container that may not be repeated has failed. */
export function hasEnded(record: PodRecord): boolean {
  const { spec } = record.pod;
  if (!record.initDone) {
    return (spec.initContainers ?? []).some((init) => {
      const container = record.containers.get(init.name);
      return container?.kind === 'init' && failedForGood(container, record);
    });
  }
  return spec.containers.every((main) => {
    const container = record.containers.get(main.name);
    return container !== undefined && hasExited(container) && !shouldRun(main, container, record);
  });
}

function failedForGood(container: ContainerRecord, record: PodRecord): boolean {
  return container.kind === 'init' && hasExited(container) && !succeeded(container) && record.pod.spec.restartPolicy === 'Never';
}

function succeeded(container: ContainerRecord): boolean {
  return hasExited(container) && container.current?.exitCode === 0;
}
