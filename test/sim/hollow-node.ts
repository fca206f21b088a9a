import type { KubeClient } from '../../src/kube/client.ts';
import { startInformer } from '../../src/kube/informer.ts';
import type { Lease, NodeObject, Pod } from '../../src/kube/objects.ts';
import { resourceTypes } from '../../src/kube/resource-types.ts';
import { isStatus } from '../../src/kube/status.ts';
import { microTimestamp, type Timer, timestamp } from '../../src/lib/clock.ts';
import type { Environment } from '../../src/lib/environment.ts';

export interface HollowNode {
  name: string;
  /** Falls silent, as a machine that lost its power. */
  stop(): void;
}

export interface HollowNodeOptions {
  client: KubeClient;
  environment: Environment;
  name: string;
  zone?: string;
  cpu?: string;
  taints?: { key: string; value?: string; effect: string }[];
}

const startMs = 300;
const endMs = 200;

/** A kubelet without containers: its pods run soon after they are bound, and end soon after they are told to. */
export async function startHollowNode(options: HollowNodeOptions): Promise<HollowNode> {
  const { client, environment, name } = options;
  const { clock } = environment;
  const node = await client.create<NodeObject>(resourceTypes.nodes, nodeOf(options));
  await client.patch(resourceTypes.nodes, undefined, name, { status: nodeStatus(options) }, 'application/merge-patch+json', { subresource: 'status' });
  let stopped = false;
  let addresses = 1;
  const timers = new Set<Timer>();
  const after = (delayMs: number, action: () => Promise<unknown>) => {
    const timer = clock.setTimer(delayMs, () => {
      timers.delete(timer);
      if (!stopped) action().catch((error: unknown) => !isStatus(error, 'NotFound', 'Conflict') && environment.log.error('hollow node', { error }));
    });
    timers.add(timer);
  };
  const run = (pod: Pod) => {
    const host = Number(name.replace(/\D/g, '') || 0);
    const podIP = `10.0.${host}.${addresses++}`;
    const { uid, namespace } = pod.metadata;
    const now = timestamp(clock);
    const conditions = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady'].map((type) => ({ type, status: 'True', lastTransitionTime: now }));
    const status = { phase: 'Running', podIP, podIPs: [{ ip: podIP }], hostIP: `192.168.0.${host}`, startTime: now, conditions };
    return client.patch(resourceTypes.pods, namespace, pod.metadata.name, { metadata: { uid }, status }, 'application/strategic-merge-patch+json', { subresource: 'status' });
  };
  const ending = new Set<string>();
  const end = (pod: Pod) => {
    const { namespace, uid = '' } = pod.metadata;
    if (ending.has(uid)) return;
    ending.add(uid);
    after(endMs, () => client.delete(resourceTypes.pods, namespace, pod.metadata.name, { gracePeriodSeconds: 0, preconditions: { uid } }));
  };
  const pods = startInformer<Pod>(client, resourceTypes.pods, environment, { fieldSelector: `spec.nodeName=${name}` });
  pods.handle({
    add: (pod) => (pod.metadata.deletionTimestamp ? end(pod) : pod.status?.phase === 'Pending' && after(startMs, () => run(pod))),
    update: (_old, pod) => pod.metadata.deletionTimestamp && end(pod),
  });
  const lease = await client.create<Lease>(resourceTypes.leases, leaseOf(node, environment));
  const renew = async () => {
    after(10_000, renew);
    await client.update(resourceTypes.leases, { ...leaseOf(node, environment), metadata: { name, namespace: lease.metadata.namespace ?? '' } });
  };
  after(10_000, renew);
  return {
    name,
    stop: () => {
      stopped = true;
      pods.stop();
      for (const timer of timers) timer.cancel();
    },
  };
}

function nodeOf({ name, zone = 'local-1a', taints }: HollowNodeOptions): NodeObject {
  const labels = { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': zone };
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, spec: taints ? { taints: taints as NonNullable<NodeObject['spec']['taints']> } : {} };
}

function nodeStatus({ cpu = '4', environment }: HollowNodeOptions): object {
  const now = timestamp(environment.clock);
  const resources = { cpu, memory: '16Gi', pods: '110' };
  const conditions = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'].map((type) => ({
    type,
    status: type === 'Ready' ? 'True' : 'False',
    reason: type === 'Ready' ? 'KubeletReady' : `KubeletHasSufficient`,
    message: '',
    lastHeartbeatTime: now,
    lastTransitionTime: now,
  }));
  return { capacity: resources, allocatable: resources, conditions };
}

function leaseOf({ metadata }: NodeObject, { clock }: Environment): Lease {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: metadata.name, namespace: 'kube-node-lease', ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: metadata.name, uid: metadata.uid ?? '' }] },
    spec: { holderIdentity: metadata.name, leaseDurationSeconds: 40, renewTime: microTimestamp(clock) },
  };
}
