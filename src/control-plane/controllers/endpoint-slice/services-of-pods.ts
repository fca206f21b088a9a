import type { Informer } from '../../../kube/informer.ts';
import { type NodeObject, objectKey, type Pod, type Service } from '../../../kube/objects.ts';
import { matchesLabels, type Selector, selectorOfLabels } from '../../../kube/selectors.ts';
import { deepEqual } from '../../../lib/json.ts';
import { isReady } from '../pods.ts';

/** Wakes the Services whose endpoints a pod's or node's change may touch. Gives the subscriptions. */
export function watchServiceMembers(
  services: Informer<Service>,
  pods: Informer<Pod>,
  nodes: Informer<NodeObject>,
  enqueue: (key: string, urgent?: boolean) => void,
): (() => void)[] {
  services.addIndex('namespace', ({ metadata }) => [metadata.namespace ?? '']);
  pods.addIndex('node', ({ spec }) => (spec.nodeName ? [spec.nodeName] : []));
  // A pod that no longer serves has to leave before it stops; a new one can wait a moment for others.
  const wake = (pod: Pod) => {
    const urgent = pod.metadata.deletionTimestamp !== undefined || !isReady(pod);
    for (const service of services.byIndex('namespace', pod.metadata.namespace ?? '')) if (selects(service, pod)) enqueue(objectKey(service), urgent);
  };
  const zoneOf = (node: NodeObject) => node.metadata.labels?.['topology.kubernetes.io/zone'];
  const wakeNode = (node: NodeObject) => {
    for (const pod of pods.byIndex('node', node.metadata.name)) wake(pod);
  };
  return [
    services.handle({ add: (service) => enqueue(objectKey(service)), update: (_old, service) => enqueue(objectKey(service)), deleted: (service) => enqueue(objectKey(service)) }),
    pods.handle({
      add: (pod) => pod.status?.podIP && wake(pod),
      update: (old, pod) => {
        if (sameMembership(old, pod) || (!old.status?.podIP && !pod.status?.podIP)) return;
        wake(pod);
        if (!deepEqual(old.metadata.labels, pod.metadata.labels)) wake(old);
      },
      deleted: wake,
    }),
    nodes.handle({ add: wakeNode, update: (old, node) => zoneOf(old) !== zoneOf(node) && wakeNode(node) }),
  ];
}

/** The pods a Service selects; none without a selector. */
export function membersOf(service: Service, inNamespace: readonly Pod[]): Pod[] {
  return inNamespace.filter((pod) => selects(service, pod));
}

export function hasSelector({ spec }: Service): boolean {
  return spec.type !== 'ExternalName' && Object.keys(spec.selector ?? {}).length > 0;
}

/** Made once for each version of a Service. */
const selectors = new WeakMap<Service, Selector>();

function selects(service: Service, pod: Pod): boolean {
  let selector = selectors.get(service);
  if (!selector) {
    selector = selectorOfLabels(service.spec.selector ?? {});
    selectors.set(service, selector);
  }
  return hasSelector(service) && matchesLabels(selector, pod.metadata.labels);
}

function sameMembership(old: Pod, pod: Pod): boolean {
  const readiness = ({ status }: Pod) => status?.conditions?.find(({ type }) => type === 'Ready')?.status;
  return (
    old.metadata.uid === pod.metadata.uid &&
    readiness(old) === readiness(pod) &&
    old.status?.podIP === pod.status?.podIP &&
    old.status?.phase === pod.status?.phase &&
    old.spec.nodeName === pod.spec.nodeName &&
    old.metadata.deletionTimestamp === pod.metadata.deletionTimestamp &&
    deepEqual(old.metadata.labels, pod.metadata.labels)
  );
}
