import { CloudError } from '../../../src/cloud/errors.ts';
import type { ProviderModule, ResourceKind } from '../../../src/cloud/provider.ts';
import { type ActualResource, type DesiredResource, ref, resourceKey } from '../../../src/cloud/resource.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import type { Environment } from '../../../src/lib/environment.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { SeededRandom } from '../../../src/lib/random.ts';
import type { OperationEvent, Operator } from '../../../src/operations/operator.ts';
import { createClusterStore } from '../../../src/state/cluster-store.ts';
import { openMemoryObjectStore } from '../../../src/state/memory-object-store.ts';
import { catalog, providerSpec } from '../spec/test-provider.ts';

/** A cloud of two kinds in memory: a network, and groups in it. */
export class TestCloud {
  readonly resources = new Map<string, ActualResource>();
  readonly calls: string[] = [];
  /** Called before every change; throws to make it fail. */
  before: (call: string) => void = () => {};
  private next = 1;

  readonly module: ProviderModule = {
    apiVersion: 1,
    name: 'test',
    catalog: async () => catalog,
    spec: providerSpec,
    open: async () => ({
      name: 'test',
      facts: async () => ({}),
      model: ({ completed }): DesiredResource[] => {
        const { name } = completed.cluster.metadata;
        return [
          { kind: 'Network', name, attributes: { cidr: completed.cluster.spec.networkCIDR ?? '' } },
          ...completed.instanceGroups.map(({ metadata, spec }) => ({
            kind: 'Group',
            name: metadata.name,
            instanceGroup: metadata.name,
            attributes: { network: ref('Network', name), minSize: spec.minSize ?? 0, machineType: spec.machineType ?? '' },
          })),
        ];
      },
      kinds: new Map([this.kind('Network', 0), this.kind('Group', 1)]),
      inventory: async () => [...this.resources.values()],
      instances: {
        groups: async () => [],
        terminate: async (_cluster, id) => {
          throw new CloudError('notFound', 'terminate', `no instance ${id}`);
        },
        detach: async () => {},
      },
      controllers: {
        instances: { exists: async () => true, shutDown: async () => false, metadata: () => Promise.reject(new Error('none')) },
        loadBalancers: { get: async () => undefined, ensure: async () => ({ ingress: [] }), update: async () => {}, delete: async () => {} },
      },
      apiEndpoint: async () => (this.resources.size > 0 ? { url: 'https://10.0.0.1' } : undefined),
      close: async () => {},
    }),
  };

  private kind(kind: string, rank: number): [string, ResourceKind] {
    const change = (call: string) => {
      this.before(call);
      this.calls.push(call);
    };
    return [
      kind,
      {
        kind,
        rank,
        phase: kind === 'Network' ? 'network' : 'cluster',
        create: async (resource) => {
          change(`create ${resourceKey(resource)}`);
          const id = `${kind}-${this.next++}`;
          const made: ActualResource = { kind, name: resource.name, id, attributes: resource.attributes, outputs: { id }, owned: true };
          this.resources.set(resourceKey(made), made);
          return made;
        },
        update: async (actual, resource) => {
          change(`update ${resourceKey(actual)}`);
          const changed = { ...actual, attributes: resource.attributes };
          this.resources.set(resourceKey(actual), changed);
          return changed;
        },
        delete: async (actual) => {
          change(`delete ${resourceKey(actual)}`);
          this.resources.delete(resourceKey(actual));
        },
        effect: () => 'update',
        deleteAfter: (actual, all) => (actual.kind === 'Network' ? all.filter((other) => other.kind === 'Group') : []),
        cost: ({ machineType, minSize }) =>
          kind === 'Group' ? [{ item: 'instance', machineType: String(machineType), count: { min: Number(minSize), desired: Number(minSize), max: Number(minSize) } }] : [],
      },
    ];
  }
}

let stores = 0;

export interface Workbench {
  operator: Operator;
  cloud: TestCloud;
  events: OperationEvent[];
  cancel(): void;
}

/** An operator over a memory store and a test cloud; `kubeconfig` is a path in a folder of the test. */
export function workbench(kubeconfig: string): Workbench {
  const cloud = new TestCloud();
  const events: OperationEvent[] = [];
  const controller = new AbortController();
  const clock = new VirtualClock();
  const environment: Environment = { clock, random: new SeededRandom(1), log: silentLog, signal: controller.signal, variables: { KUBECONFIG: kubeconfig, USER: 'ann' } };
  const operator: Operator = {
    environment,
    home: '/nowhere',
    store: createClusterStore(openMemoryObjectStore(`operations-${stores++}`, clock), clock),
    providers: { load: async () => cloud.module, ofZones: async () => 'test', comparison: async () => cloud.module },
    onEvent: (event) => events.push(event),
  };
  return { operator, cloud, events, cancel: () => controller.abort(new Error('cancelled')) };
}
