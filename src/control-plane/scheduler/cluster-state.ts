import type { SharedInformers } from '../../kube/informer.ts';
import type { Namespace, NodeObject, Pod, ReplicaSet, Service } from '../../kube/objects.ts';
import { controllerOf, keyOf } from '../../kube/objects.ts';
import { resourceTypes } from '../../kube/resource-types.ts';
import { type Labels, matchesLabels, type Selector, selectorOf, selectorOfLabels } from '../../kube/selectors.ts';
import { deepEqual } from '../../lib/json.ts';
import type { ClusterEvent, ClusterView } from './framework.ts';
import { NodeInfo } from './node-info.ts';
import { type PodInfo, podInfoOf } from './pod-info.ts';

/** The scheduler's picture of the cluster, moved forward by informers and by its own decisions before the server confirms them. */
export class ClusterState implements ClusterView {
  private readonly infos = new Map<string, NodeInfo>();
  private readonly services;
  private readonly replicaSets;
  private readonly namespaces;
  /** uid of a pod → the node it stands on. */
  private readonly placed = new Map<string, string>();
  private readonly assumed = new Set<string>();
  private readonly nominated = new Map<string, { pod: PodInfo; node: string }>();
  private real: NodeInfo[] | undefined;
  private antiAffinityPods = 0;
  private affinityPods = 0;

  constructor(informers: SharedInformers) {
    this.services = informers.for<Service>(resourceTypes.services);
    this.replicaSets = informers.for<ReplicaSet>(resourceTypes.replicaSets);
    this.namespaces = informers.for<Namespace>(resourceTypes.namespaces);
    this.services.addIndex('namespace', ({ metadata }) => [metadata.namespace ?? '']);
  }

  /** Nodes that are there, sorted by name: the same cluster gives the same decisions. */
  get nodes(): readonly NodeInfo[] {
    this.real ??= [...this.infos.values()].filter((info) => info.node).sort((a, b) => (a.name < b.name ? -1 : 1));
    return this.real;
  }

  get anyAntiAffinity(): boolean {
    return this.antiAffinityPods > 0;
  }

  get anyAffinity(): boolean {
    return this.affinityPods > 0;
  }

  namespaceLabels = (namespace: string): Labels => this.namespaces.get(namespace)?.metadata.labels ?? {};

  siblings({ pod }: PodInfo): Selector | undefined {
    const { namespace = '', labels } = pod.metadata;
    const owner = controllerOf(pod);
    const selector: Selector[] = [];
    for (const { spec } of this.services.byIndex('namespace', namespace)) {
      const own = spec.selector && Object.keys(spec.selector).length > 0 ? selectorOfLabels(spec.selector) : undefined;
      if (own && matchesLabels(own, labels)) selector.push(own);
    }
    if (owner?.kind === 'ReplicaSet') {
      const replicaSet = this.replicaSets.get(keyOf(namespace, owner.name));
      if (replicaSet) selector.push(selectorOf(replicaSet.spec.selector));
    }
    return selector.length === 0 ? undefined : selector.flat();
  }

  /** What changed for pods that wait, if anything. */
  setNode(node: NodeObject): ClusterEvent | undefined {
    const info = this.info(node.metadata.name);
    const old = info.node;
    info.setNode(node);
    if (!old) {
      this.real = undefined;
      return 'nodeAdded';
    }
    const same =
      deepEqual(old.status?.allocatable, node.status?.allocatable) &&
      deepEqual(old.metadata.labels, node.metadata.labels) &&
      deepEqual(old.spec.taints, node.spec.taints) &&
      old.spec.unschedulable === node.spec.unschedulable;
    return same ? undefined : 'nodeChanged';
  }

  removeNode(name: string): void {
    const info = this.infos.get(name);
    if (!info) return;
    info.setNode(undefined);
    this.real = undefined;
    this.tidy(info);
  }

  /** A pod that has a node, as the server says. */
  setPod(pod: Pod): void {
    this.assumed.delete(pod.metadata.uid ?? '');
    this.place(podInfoOf(pod), pod.spec.nodeName ?? '');
  }

  removePod(uid: string): boolean {
    this.assumed.delete(uid);
    this.nominated.delete(uid);
    return this.displace(uid);
  }

  /** Counts the pod on the node until the server confirms it, or `forget` takes it back. */
  assume(pod: PodInfo, node: string): void {
    this.assumed.add(pod.uid);
    this.nominated.delete(pod.uid);
    this.place(pod, node);
  }

  forget(uid: string): void {
    if (this.assumed.delete(uid)) this.displace(uid);
  }

  /** Room was made for the pod on this node: others of no higher priority leave it alone. */
  nominate(pod: PodInfo, node: string | undefined): void {
    if (node === undefined) this.nominated.delete(pod.uid);
    else this.nominated.set(pod.uid, { pod, node });
  }

  /** The cluster as `pod` may use it: with those it has to let pass already in their places. */
  viewFor(pod: PodInfo): ClusterView {
    const ahead = [...this.nominated.values()].filter((other) => other.pod.uid !== pod.uid && other.pod.priority >= pod.priority);
    if (ahead.length === 0) return this;
    return this.viewWith(
      this.nodes.map((node) => {
        const others = ahead.filter((other) => other.node === node.name).map((other) => other.pod);
        return others.length === 0 ? node : node.with([...node.pods.values(), ...others]);
      }),
    );
  }

  viewWith(nodes: readonly NodeInfo[]): ClusterView {
    return {
      nodes,
      namespaceLabels: this.namespaceLabels,
      siblings: (pod) => this.siblings(pod),
      anyAntiAffinity: this.anyAntiAffinity,
      anyAffinity: this.anyAffinity,
    };
  }

  private place(pod: PodInfo, node: string): void {
    this.displace(pod.uid);
    this.info(node).add(pod);
    this.placed.set(pod.uid, node);
    this.countAffinity(pod, 1);
  }

  private displace(uid: string): boolean {
    const name = this.placed.get(uid);
    const info = name === undefined ? undefined : this.infos.get(name);
    const pod = info?.remove(uid);
    if (!info || !pod) return false;
    this.placed.delete(uid);
    this.countAffinity(pod, -1);
    this.tidy(info);
    return true;
  }

  private countAffinity(pod: PodInfo, by: number): void {
    const { affinity, antiAffinity } = pod;
    if (antiAffinity.required.length > 0) this.antiAffinityPods += by;
    if (antiAffinity.preferred.length + affinity.preferred.length + affinity.required.length > 0) this.affinityPods += by;
  }

  private info(name: string): NodeInfo {
    let info = this.infos.get(name);
    if (!info) {
      info = new NodeInfo(name);
      this.infos.set(name, info);
    }
    return info;
  }

  private tidy(info: NodeInfo): void {
    if (!info.node && info.pods.size === 0) this.infos.delete(info.name);
  }
}
