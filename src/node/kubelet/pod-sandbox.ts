import { messageOf } from '../../lib/errors.ts';
import { podReference } from './container-reference.ts';
import { closeHostPorts, openHostPorts } from './host-ports.ts';
import type { KubeletContext } from './kubelet-context.ts';
import type { PodRecord } from './pod-record.ts';
import { MountError, type PodVolumes } from './volumes.ts';

const retryMs = 10_000;

interface SandboxOwner {
  record: PodRecord;
  volumes: PodVolumes;
  context: KubeletContext;
  wakeAfter(delayMs: number): void;
}

/** Volumes, address and sandbox of a pod; false: not yet, an event says why and the pod will be looked at again. */
export async function prepareSandbox(owner: SandboxOwner): Promise<boolean> {
  const { record, context } = owner;
  if (!record.sandboxId && !mayHaveSandbox(record)) return true;
  if (!(await mountVolumes(owner))) return false;
  if (record.sandboxId) return true;
  const { pod } = record;
  const hostNetwork = pod.spec.hostNetwork ?? false;
  const ip = hostNetwork ? context.node.ip : allocate(owner);
  if (ip === undefined) return false;
  restartInits(record);
  try {
    await createSandbox(owner, ip);
    return true;
  } catch (error) {
    if (!hostNetwork) context.ips()?.release(ip);
    context.events.event(podReference(pod), 'Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${messageOf(error)}`);
    owner.wakeAfter(retryMs);
    return false;
  }
}

async function createSandbox({ record, context }: SandboxOwner, ip: string): Promise<void> {
  const { pod } = record;
  const { node, runtime, fabric } = context;
  const hostNetwork = pod.spec.hostNetwork ?? false;
  const hostPorts = hostNetwork ? [] : await openHostPorts(fabric, pod, node.ip, ip);
  try {
    const sandbox = await runtime.runSandbox({
      namespace: pod.metadata.namespace ?? '',
      name: pod.metadata.name,
      uid: record.uid,
      ip,
      hostname: hostNetwork ? (node.hostname ?? node.name) : (pod.spec.hostname ?? pod.metadata.name).slice(0, 63),
      hostNetwork,
      nodeName: node.name,
      labels: pod.metadata.labels ?? {},
    });
    record.sandboxId = sandbox.id;
    record.ip = ip;
    record.hostPorts = hostPorts;
  } catch (error) {
    await closeHostPorts(hostPorts);
    throw error;
  }
}

/** Stops the sandbox and gives the address back; its containers keep their logs. */
export async function releaseSandbox({ record, context }: SandboxOwner): Promise<void> {
  // A second time the address may be another pod's already.
  if (!record.sandboxId || record.released) return;
  record.released = true;
  await closeHostPorts(record.hostPorts);
  await context.runtime.stopSandbox(record.sandboxId);
  if (record.ip && !record.pod.spec.hostNetwork) context.ips()?.release(record.ip);
}

/** As after a reboot: a pod that is never restarted gets no second sandbox, it has failed with its containers. */
function mayHaveSandbox(record: PodRecord): boolean {
  const lost = [...record.containers.values()].some((container) => container.lost && container.kind === 'main');
  if (!lost || record.pod.spec.restartPolicy !== 'Never') return true;
  record.initDone = true;
  return false;
}

/** A new sandbox starts from the beginning: init containers run again. */
function restartInits(record: PodRecord): void {
  for (const container of record.containers.values()) {
    if (!container.lost || container.kind !== 'init' || !container.current) continue;
    delete container.current;
    container.restartCount++;
  }
}

async function mountVolumes(owner: SandboxOwner): Promise<boolean> {
  const { record, volumes, context } = owner;
  const { environment, client, objects, node, mountBackOff } = context;
  const now = environment.clock.now();
  const due = volumes.refreshAtMs !== undefined && now >= volumes.refreshAtMs;
  if (record.sandboxId && !due) {
    if (volumes.refreshAtMs !== undefined) owner.wakeAfter(volumes.refreshAtMs - now);
    return true;
  }
  try {
    await volumes.fill(record.pod, { client, clock: environment.clock, objects, node, addresses: { hostIp: node.ip } });
    mountBackOff.forget(record.uid);
  } catch (error) {
    if (!(error instanceof MountError)) throw error;
    context.events.event(podReference(record.pod), 'Warning', 'FailedMount', error.message);
    owner.wakeAfter(mountBackOff.next(record.uid, now));
    // A volume that cannot be refreshed does not stop a pod that runs.
    return record.sandboxId !== undefined;
  }
  if (volumes.refreshAtMs !== undefined) owner.wakeAfter(volumes.refreshAtMs - now);
  return true;
}

function allocate(owner: SandboxOwner): string | undefined {
  const { record, context } = owner;
  const pool = context.ips();
  if (!pool) {
    const message = 'network is not ready: container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:the node has no pod CIDR yet';
    context.events.event(podReference(record.pod), 'Warning', 'NetworkNotReady', message);
    return undefined;
  }
  const ip = pool.allocate();
  if (ip === undefined) {
    context.events.event(podReference(record.pod), 'Warning', 'FailedCreatePodSandBox', 'Failed to create pod sandbox: no IP addresses available in the pod CIDR of the node');
    owner.wakeAfter(retryMs);
  }
  return ip;
}
