import type { Owner } from '../../../src/fabric/fabric.ts';
import { messageOf } from '../../../src/lib/errors.ts';
import type { LocalCloud } from '../cloud/local-cloud.ts';
import type { SharedMachineRoom } from '../machine/shared.ts';

export interface LocalStatus {
  state: 'running' | 'stopped';
  home: string;
  version?: string;
  pid?: number;
  processes: { pid: number; role: string }[];
  clusters: ClusterStatus[];
  /** Absent as long as nobody has asked for it. */
  objectStorage?: { endpoint: string; buckets: string[] };
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
  addresses: { name: string; kind: 'instance' | 'loadBalancer'; ip: string; state?: string; problem?: string; ports?: { port: number; reachedAt: string }[] }[];
  /** Addresses that the system did not allow or somebody else has: plain clients reach them elsewhere. */
  mapped: { kind: Owner['type']; name: string; address: string; reachedAt: string }[];
}

/** For people. */
export function damaged({ file, keptAs, message }: { file: string; keptAs: string; message: string }): string {
  return `${file} could not be read (${message}); it is kept as ${keptAs}`;
}

export async function clusterStatuses(cloud: LocalCloud, room: Pick<SharedMachineRoom, 'exposed' | 'mapped'>): Promise<ClusterStatus[]> {
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
              const at = room.exposed(state.cluster, ip, port) ?? { ip, port };
              return { port, reachedAt: `${at.ip}:${at.port}` };
            });
            return { name: balancer.name, kind: 'loadBalancer' as const, ip, ports };
          }),
          ...state.instances.map((instance) => {
            const why = cloud.fleet.bootProblems.get(instance.id);
            return { name: instance.id, kind: 'instance' as const, ip: instance.privateIp, state: instance.state, ...(why === undefined ? {} : { problem: why }) };
          }),
        ],
        mapped: room.mapped(state.cluster).map(({ owner, address, reachedAt }) => ({ kind: owner.type, name: owner.name, address, reachedAt })),
      };
    }),
  );
}
