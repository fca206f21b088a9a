import type { NodeObject, Taint } from '../../kube/objects.ts';
import type { Labels } from '../../kube/selectors.ts';
import { type Amounts, type HostPort, type PodInfo, toAmounts } from './pod-info.ts';

/** A node with the pods on it and what they take, kept up to date as they come and go. */
export class NodeInfo {
  readonly name: string;
  /** Undefined: pods name it, but it is not (any more) there. */
  node: NodeObject | undefined;
  allocatable: Amounts = new Map();
  readonly used: Amounts = new Map();
  scoredCpu = 0;
  scoredMemory = 0;
  readonly pods = new Map<string, PodInfo>();
  /** Pods that label selectors cannot tell apart, counted together: one match for hundreds of pods of one Deployment. */
  readonly alike = new Map<string, { example: PodInfo; count: number }>();

  constructor(name: string) {
    this.name = name;
  }

  setNode(node: NodeObject | undefined): void {
    this.node = node;
    this.allocatable = toAmounts(node?.status?.allocatable ?? {});
  }

  get labels(): Labels {
    return this.node?.metadata.labels ?? {};
  }

  get taints(): readonly Taint[] {
    return this.node?.spec.taints ?? [];
  }

  add(pod: PodInfo): void {
    this.remove(pod.uid);
    this.pods.set(pod.uid, pod);
    this.count(pod, 1);
  }

  /** Gives what stood there. */
  remove(uid: string): PodInfo | undefined {
    const pod = this.pods.get(uid);
    if (!pod) return undefined;
    this.pods.delete(uid);
    this.count(pod, -1);
    return pod;
  }

  /** The same node with other pods, to try something out. */
  with(pods: Iterable<PodInfo>): NodeInfo {
    const copy = new NodeInfo(this.name);
    copy.node = this.node;
    copy.allocatable = this.allocatable;
    for (const pod of pods) copy.add(pod);
    return copy;
  }

  portTaken(wanted: HostPort): boolean {
    for (const pod of this.pods.values()) {
      for (const port of pod.hostPorts) {
        const sameIp = port.ip === wanted.ip || port.ip === '0.0.0.0' || wanted.ip === '0.0.0.0';
        if (sameIp && port.port === wanted.port && port.protocol === wanted.protocol) return true;
      }
    }
    return false;
  }

  private count(pod: PodInfo, sign: 1 | -1): void {
    for (const [name, amount] of pod.requests) this.used.set(name, (this.used.get(name) ?? 0) + sign * amount);
    this.scoredCpu += sign * pod.scoredCpu;
    this.scoredMemory += sign * pod.scoredMemory;
    const group = this.alike.get(pod.likeness);
    if (!group) this.alike.set(pod.likeness, { example: pod, count: sign });
    else if (group.count + sign > 0) group.count += sign;
    else this.alike.delete(pod.likeness);
  }
}
