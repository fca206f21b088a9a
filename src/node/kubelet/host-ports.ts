import type { Fabric, Listener } from '../../fabric/fabric.ts';
import type { Pod } from '../../kube/objects.ts';
import { containersOf } from './pod-record.ts';

/** Opens the pod's host ports on the node's address; all or none. Throws what the fabric throws (EADDRINUSE). */
export async function openHostPorts(fabric: Fabric, pod: Pod, nodeIp: string, podIp: string): Promise<Listener[]> {
  const ports = containersOf(pod).flatMap(({ spec }) => spec.ports ?? []);
  const open: Listener[] = [];
  try {
    for (const { hostPort, containerPort, protocol = 'TCP' } of ports) {
      if (!hostPort) continue;
      if (protocol !== 'TCP') throw new Error(`host port ${hostPort}/${protocol} is not supported: only TCP is`);
      const owner = { type: 'node' as const, name: `${pod.metadata.namespace}/${pod.metadata.name}` };
      const listener = await fabric.listen(owner, nodeIp, hostPort, (connection) => {
        if (!fabric.handOff(connection, connection.source, podIp, containerPort)) connection.stream.destroy();
      });
      open.push(listener);
    }
    return open;
  } catch (error) {
    await closeHostPorts(open);
    throw error;
  }
}

export async function closeHostPorts(listeners: readonly Listener[]): Promise<void> {
  await Promise.all(listeners.map((listener) => listener.close()));
}
