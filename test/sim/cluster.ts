import { createApiServer } from '../../src/control-plane/apiserver/apiserver.ts';
import { startControllers } from '../../src/control-plane/controllers/start-controllers.ts';
import { startScheduler } from '../../src/control-plane/scheduler/start-scheduler.ts';
import { createMemoryStore } from '../../src/control-plane/store/memory-store.ts';
import type { KubeClient } from '../../src/kube/client.ts';
import { type SharedInformers, sharedInformers } from '../../src/kube/informer.ts';
import type { Deployment, EventObject, KubeObject, Pod } from '../../src/kube/objects.ts';
import { resourceTypes } from '../../src/kube/resource-types.ts';
import { type Clock, VirtualClock } from '../../src/lib/clock.ts';
import type { Environment } from '../../src/lib/environment.ts';
import { createLog, silentLog } from '../../src/lib/log.ts';
import { SeededRandom } from '../../src/lib/random.ts';
import { type HollowNode, startHollowNode } from './hollow-node.ts';

export interface SimulatedCluster {
  clock: VirtualClock;
  environment: Environment;
  client: KubeClient;
  informers: SharedInformers;
  nodes: Map<string, HollowNode>;
  addNode(name: string, options?: { zone?: string; cpu?: string; taints?: { key: string; value?: string; effect: string }[] }): Promise<HollowNode>;
  pods(namespace?: string): Promise<Pod[]>;
  events(reason?: string): Promise<EventObject[]>;
  /** Time goes on, a bit at a time, until it holds. */
  until(what: string, holds: () => boolean | Promise<boolean>, limitMs?: number): Promise<void>;
  /** Scheduler and controllers stop and start again. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** A control plane on a memory store under a virtual clock; nodes are hollow. */
export async function startCluster(options: { seed?: number; without?: ('scheduler' | 'controllers')[] } = {}): Promise<SimulatedCluster> {
  const clock = new VirtualClock();
  const environment = environmentOf(clock, options.seed ?? 1);
  const store = createMemoryStore({ clock });
  const api = await createApiServer({ store, environment, kubernetesVersion: 'v1.36.0', serviceClusterIPRange: '10.96.0.0/16' });
  const client = api.client({ name: 'system:admin', groups: ['system:masters'] });
  for (const name of ['default', 'kube-system', 'kube-node-lease']) await client.create(resourceTypes.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  const informers = sharedInformers(client, environment);
  let parts: { stop(): Promise<void> }[] = [];
  const start = () => {
    if (!options.without?.includes('scheduler')) parts.push(startScheduler({ client, informers, environment, identity: 'a' }));
    if (options.without?.includes('controllers')) return;
    parts.push(startControllers({ client, informers, environment, identity: 'a', cluster: { podCIDR: '10.0.0.0/16', nodePodCIDRPrefix: 24, rootCa: 'CA' } }));
  };
  const stop = async () => {
    const stopped = Promise.all(parts.map((part) => part.stop()));
    parts = [];
    await clock.advance(1000);
    await stopped;
  };
  start();
  const nodes = new Map<string, HollowNode>();
  await clock.advance(100);
  return {
    clock,
    environment,
    client,
    informers,
    nodes,
    addNode: async (name, more) => {
      const node = await startHollowNode({ client, environment, name, ...more });
      nodes.set(name, node);
      return node;
    },
    pods: async (namespace = 'default') => (await client.list<Pod>(resourceTypes.pods, { namespace })).items,
    events: async (reason) => (await client.list<EventObject>(resourceTypes.events)).items.filter((event) => reason === undefined || event.reason === reason),
    until: async (what, holds, limitMs = 120_000) => {
      const end = clock.now() + limitMs;
      while (!(await holds())) {
        if (clock.now() >= end) throw new Error(`it never came true: ${what}`);
        await clock.advance(50);
      }
    },
    restart: async () => {
      await stop();
      start();
    },
    stop: async () => {
      for (const node of nodes.values()) node.stop();
      await stop();
      informers.stop();
      api.stop();
      await store.close();
    },
  };
}

export function environmentOf(clock: Clock, seed: number): Environment {
  const log = process.env.SIM_LOG ? createLog({ clock, sink: (line) => process.stderr.write(line), level: 'debug' }) : silentLog;
  return { clock, random: new SeededRandom(seed), log, signal: new AbortController().signal, variables: {} };
}

export function deploymentOf(name: string, replicas: number, more: { image?: string; cpu?: string; strategy?: Deployment['spec']['strategy'] } = {}): Deployment {
  const { image = 'nginx:1', cpu = '100m', strategy } = more;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      ...(strategy ? { strategy } : {}),
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image, resources: { requests: { cpu } } }] } },
    },
  };
}

export function isReady(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp === undefined && (pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false);
}

export function serviceOf(name: string, app: string, more: Record<string, unknown> = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec: { selector: { app }, ports: [{ port: 80 }], ...more } };
}
