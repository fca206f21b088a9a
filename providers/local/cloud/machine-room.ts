import type { ClusterState, InstanceRecord, StoredResource } from './state.ts';

/** How instances run and where load balancers listen: the driver below the cloud. */
export interface MachineRoom {
  /** Opens the cluster's network over its address blocks; before anything else of the cluster. Open already is fine. */
  open(cluster: string, blocks: readonly string[]): void;
  /** Boots it with its volumes (ids by name tag). Resolves when what runs on it has started; rejects when it cannot boot. */
  start(instance: InstanceRecord, volumes: ReadonlyMap<string, string>): Promise<void>;
  /** Not running is fine. `graceful`: it says goodbye; otherwise the power goes. */
  stop(instanceId: string, options: { graceful: boolean }): Promise<void>;
  /** Throws away the root disk of an instance that is gone. */
  discardInstance(instanceId: string): Promise<void>;
  discardVolume(volumeId: string): Promise<void>;
  /** Makes listeners match; resolves when they accept. */
  balance(cluster: string, balancers: readonly BalancerSpec[]): Promise<void>;
  /** Everything of a cluster that holds addresses. */
  close(cluster: string): Promise<void>;
  /** Where plain clients on this machine reach an address of the cluster. */
  exposed(cluster: string, ip: string, port: number): { ip: string; port: number } | undefined;
}

export interface BalancerSpec {
  id: string;
  name: string;
  ip: string;
  listeners: readonly { port: number; targetPort: number }[];
  /** Asked at every connection. */
  targets(): readonly string[];
}

/** Ports of a load balancer that the system gave another address. */
export function mappedPorts(resource: StoredResource, room: Pick<MachineRoom, 'exposed'>): { mapped?: { port: number; reachedAt: string }[] } {
  if (resource.kind !== 'LoadBalancer') return {};
  const ip = String(resource.outputs.ip);
  const mapped = ((resource.attributes.listeners ?? []) as { port: number }[]).flatMap(({ port }) => {
    const at = room.exposed(resource.cluster, ip, port);
    return at === undefined || (at.ip === ip && at.port === port) ? [] : [{ port, reachedAt: `${at.ip}:${at.port}` }];
  });
  return mapped.length > 0 ? { mapped } : {};
}

/** Load balancers as they should listen; targets are the members of groups that name them, or nodes by name. */
export function balancersOf(state: ClusterState): BalancerSpec[] {
  return state.resources
    .filter((resource) => resource.kind === 'LoadBalancer')
    .map((resource) => ({
      id: resource.id,
      name: resource.name,
      ip: String(resource.outputs.ip),
      listeners: (resource.attributes.listeners ?? []) as { port: number; targetPort: number }[],
      targets: () => targetsOf(state, resource.id),
    }));
}

function targetsOf(state: ClusterState, balancerId: string): string[] {
  const balancer = state.resources.find((resource) => resource.id === balancerId);
  const nodes = balancer?.attributes.nodes;
  const running = state.instances.filter((instance) => instance.state === 'running');
  if (Array.isArray(nodes)) return running.filter((instance) => nodes.includes(instance.nodeName)).map((instance) => instance.privateIp);
  const groups = new Set(
    state.resources
      .filter((resource) => resource.kind === 'InstanceGroup' && (resource.attributes.loadBalancers as unknown[] | undefined)?.includes(balancerId))
      .map((group) => group.id),
  );
  return running.filter((instance) => groups.has(instance.groupId)).map((instance) => instance.privateIp);
}
