import { messageOf } from '../../../src/lib/errors.ts';
import type { LocalCloud } from '../cloud/local-cloud.ts';

export interface LocalStatus {
  state: 'running' | 'stopped';
  home: string;
  version?: string;
  pid?: number;
  processes: { pid: number; role: string }[];
  clusters: ClusterStatus[];
  /** State files that could not be read and were kept aside. */
  problems: { file: string; keptAs: string; message: string }[];
  log: string;
}

export interface ClusterStatus {
  name: string;
  state: 'running' | 'failed';
  /** Why it does not run. */
  problem?: string;
  networkCIDR?: string;
  api?: string;
  /** Where plain clients on this machine reach what listens: instances by id, load balancers by name. */
  addresses: { name: string; kind: 'instance' | 'loadBalancer'; ip: string; state?: string; ports?: { port: number; reachedAt: string }[] }[];
}

export async function clusterStatuses(
  cloud: LocalCloud,
  exposed: (cluster: string, ip: string, port: number) => { ip: string; port: number } | undefined,
): Promise<ClusterStatus[]> {
  return Promise.all(
    cloud.ledger.clusters().map(async (state) => {
      const problem = cloud.failures.get(state.cluster);
      const network = state.resources.find((resource) => resource.kind === 'Network');
      const endpoint = await cloud.endpoint(state.cluster);
      const balancers = state.resources.filter((resource) => resource.kind === 'LoadBalancer');
      return {
        name: state.cluster,
        state: problem === undefined ? ('running' as const) : ('failed' as const),
        ...(problem === undefined ? {} : { problem: messageOf(problem) }),
        ...(network ? { networkCIDR: String(network.attributes.cidr) } : {}),
        ...(endpoint ? { api: endpoint.url } : {}),
        addresses: [
          ...balancers.map((balancer) => {
            const ip = String(balancer.outputs.ip);
            const ports = ((balancer.attributes.listeners ?? []) as { port: number }[]).map(({ port }) => {
              const at = exposed(state.cluster, ip, port) ?? { ip, port };
              return { port, reachedAt: `${at.ip}:${at.port}` };
            });
            return { name: balancer.name, kind: 'loadBalancer' as const, ip, ports };
          }),
          ...state.instances.map((instance) => ({ name: instance.id, kind: 'instance' as const, ip: instance.privateIp, state: instance.state })),
        ],
      };
    }),
  );
}
