import type { LocalCloud } from '../../providers/local/cloud/local-cloud.ts';
import local from '../../providers/local/index.ts';
import { createLocalProvider } from '../../providers/local/provider.ts';
import type { Environment } from '../../src/lib/environment.ts';
import { createCluster } from '../../src/operations/create-cluster.ts';
import type { OperationEvent, Operator } from '../../src/operations/operator.ts';
import { applyUpdate, previewUpdate, type UpdateOptions } from '../../src/operations/update-cluster.ts';
import { pendingChanges } from '../../src/plan/plan.ts';
import { createClusterStore } from '../../src/state/cluster-store.ts';
import { forgetMemoryObjects, openMemoryObjectStore } from '../../src/state/memory-object-store.ts';
import { openCloud, virtualEnvironment } from '../contract/local-cloud-harness.ts';

let stores = 0;

/** An operator whose cloud is the local one, in this process; who waits makes the virtual time pass. */
export class LocalOperator {
  readonly environment: Environment;
  readonly operator: Operator;
  readonly events: OperationEvent[] = [];
  cloud!: LocalCloud;
  private readonly storeName = `lifecycle-${stores++}`;

  constructor(seed = 1) {
    const environment = virtualEnvironment(seed);
    const { clock } = environment;
    clock.sleep = async (ms) => void (await clock.advance(ms));
    this.environment = { ...environment, variables: { KUBECONFIG: '/nowhere/kubeconfig' } };
    const module = { ...local, open: async () => createLocalProvider(this.cloud) };
    this.operator = {
      environment: this.environment,
      home: '/nowhere',
      store: createClusterStore(openMemoryObjectStore(this.storeName, clock), clock),
      providers: { load: async () => module, ofZones: async () => 'local', comparison: async () => module },
      onEvent: (event) => this.events.push(event),
    };
  }

  /** A cloud with nothing in it. */
  async newCloud(): Promise<void> {
    await this.cloud?.close();
    this.cloud = (await openCloud({ environment: this.environment })).cloud;
  }

  /** Everything in the store; put it back with `restore`. */
  async snapshot(): Promise<Map<string, Uint8Array>> {
    const { objects } = this.operator.store;
    const { keys } = await objects.list('');
    return new Map(await Promise.all(keys.map(async (key) => [key, (await objects.get(key))?.data ?? new Uint8Array()] as const)));
  }

  async restore(snapshot: ReadonlyMap<string, Uint8Array>): Promise<void> {
    const { objects } = this.operator.store;
    for (const key of (await objects.list('')).keys) await objects.delete(key);
    for (const [key, data] of snapshot) await objects.put(key, data);
  }

  async create(name: string, options: Partial<Parameters<typeof createCluster>[1]> = {}): Promise<void> {
    await createCluster(this.operator, { name, zones: ['local-1a', 'local-1b'], ...options });
  }

  apply(name: string, options: UpdateOptions = {}) {
    return applyUpdate(this.operator, name, { prune: true, kubeconfig: false, ...options });
  }

  /** `create Network/demo.k8s.local`, for everything an update would do. */
  async pending(name: string, options: UpdateOptions = {}): Promise<string[]> {
    const { plan } = await previewUpdate(this.operator, name, { prune: true, ...options });
    return pendingChanges(plan).map((change) => `${change.action} ${change.kind}/${change.name}`);
  }

  async close(): Promise<void> {
    await this.cloud?.close();
    forgetMemoryObjects(this.storeName);
  }
}

/** Copies of the first group of nodes, by names of their own. */
export async function addedGroups({ operator: { store } }: LocalOperator, cluster: string, count: number): Promise<void> {
  const first = (await store.listInstanceGroups(cluster)).find(({ value }) => value.spec.role === 'Node');
  if (!first) return;
  for (let i = 1; i <= count; i++) await store.putInstanceGroup(cluster, { ...first.value, metadata: { name: `more-${i}` } }, 'create');
}
