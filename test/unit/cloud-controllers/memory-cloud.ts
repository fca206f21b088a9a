import type { CloudControllers, Interruption } from '../../../src/cloud/controllers.ts';
import type { NodeObject, Service } from '../../../src/kube/objects.ts';

export interface MemoryCloud extends CloudControllers {
  instances: CloudControllers['instances'];
  machines: Map<string, 'running' | 'stopped'>;
  balancers: Map<string, { nodes: string[]; ensured: number }>;
  routeTable: Map<string, { node: string; cidr: string }>;
  changed(node: string): void;
  /** Announcements that nobody has dealt with, by provider id. */
  announced: Map<string, Interruption>;
  /** The instance of this node will end; comes again to whoever follows when it was refused. */
  announce(node: string): void;
  /** The next call to ensure fails with this. */
  failNext: Error | undefined;
}

/** A cloud of machines and load balancers in a few maps. */
export function createMemoryCloud(options: { routes?: boolean } = {}): MemoryCloud {
  const machines: MemoryCloud['machines'] = new Map();
  const balancers: MemoryCloud['balancers'] = new Map();
  const routeTable: MemoryCloud['routeTable'] = new Map();
  const listeners = new Set<(name: string) => void>();
  const nameOf = (clusterName: string, { metadata }: Service) => `${clusterName}/${metadata.namespace}/${metadata.name}`;
  const names = (nodes: readonly NodeObject[]) => nodes.map(({ metadata }) => metadata.name);
  const announced: MemoryCloud['announced'] = new Map();
  const followers = new Set<(interruption: Interruption) => void>();
  const cloud: MemoryCloud = {
    announced,
    announce: (node) => {
      const interruption = { providerId: `memory:///local-1a/${node}`, reason: 'SpotInterruption', message: `${node} will end` };
      announced.set(interruption.providerId, interruption);
      for (const follower of followers) follower(interruption);
    },
    machines,
    balancers,
    routeTable,
    failNext: undefined,
    changed: (node) => {
      for (const listener of listeners) listener(node);
    },
    instances: {
      exists: async (_clusterName, { metadata }) => machines.has(metadata.name),
      shutDown: async (_clusterName, { metadata }) => machines.get(metadata.name) === 'stopped',
      metadata: async (_clusterName, { metadata }) => ({
        providerId: `memory:///local-1a/${metadata.name}`,
        instanceType: 't3.medium',
        zone: 'local-1a',
        region: 'local-1',
        addresses: [{ type: 'InternalIP', address: '192.168.0.7' }],
      }),
      onChange: (callback) => {
        listeners.add(callback);
        return () => listeners.delete(callback);
      },
    },
    loadBalancers: {
      get: async (clusterName, service) => (balancers.has(nameOf(clusterName, service)) ? { ingress: [{ ip: '10.9.9.9' }] } : undefined),
      ensure: async (clusterName, service, nodes) => {
        const failure = cloud.failNext;
        cloud.failNext = undefined;
        if (failure) throw failure;
        const key = nameOf(clusterName, service);
        balancers.set(key, { nodes: names(nodes), ensured: (balancers.get(key)?.ensured ?? 0) + 1 });
        return { ingress: [{ ip: '10.9.9.9' }] };
      },
      update: async (clusterName, service, nodes) => {
        const balancer = balancers.get(nameOf(clusterName, service));
        if (balancer) balancer.nodes = names(nodes);
      },
      delete: async (clusterName, service) => {
        balancers.delete(nameOf(clusterName, service));
      },
    },
  };
  cloud.interruptions = {
    follow: async (_clusterName, _source, { handle, signal }) => {
      const follower = (interruption: Interruption) =>
        handle(interruption).then(
          () => announced.delete(interruption.providerId),
          () => {},
        );
      followers.add(follower);
      for (const interruption of announced.values()) follower(interruption);
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      followers.delete(follower);
    },
  };
  if (options.routes) {
    cloud.routes = {
      list: async () => [...routeTable].map(([name, { node, cidr }]) => ({ name, targetNode: node, destinationCidr: cidr })),
      create: async (_clusterName, node, cidr) => {
        routeTable.set(cidr, { node, cidr });
      },
      delete: async (_clusterName, name) => {
        routeTable.delete(name);
      },
    };
  }
  return cloud;
}
