import type { LabelSelector, Pod, ResourceList } from '../../kube/objects.ts';
import { objectKey } from '../../kube/objects.ts';
import { quantityMilli, quantityValue } from '../../kube/quantity.ts';
import { type Labels, matchesLabels, type Selector, selectorOf } from '../../kube/selectors.ts';
import { canonicalJson } from '../../lib/json.ts';

/** Amounts by resource name: CPU in thousandths, everything else in whole units. */
export type Amounts = Map<string, number>;

export interface HostPort {
  ip: string;
  protocol: string;
  port: number;
}

export interface AffinityTerm {
  topologyKey: string;
  weight: number;
  /** Whether `pod` is one of those the term speaks of. */
  matches(pod: Pod, namespaceLabels: (namespace: string) => Labels): boolean;
}

/** A pod with all that scheduling asks of it, worked out once. */
export interface PodInfo {
  pod: Pod;
  key: string;
  uid: string;
  priority: number;
  /** Equal for pods that label selectors cannot tell apart. */
  likeness: string;
  requests: Amounts;
  /** For scoring: pods that ask for nothing count as 100m and 200 MB. */
  scoredCpu: number;
  scoredMemory: number;
  hostPorts: readonly HostPort[];
  affinity: { required: readonly AffinityTerm[]; preferred: readonly AffinityTerm[] };
  antiAffinity: { required: readonly AffinityTerm[]; preferred: readonly AffinityTerm[] };
}

const defaultMilliCpu = 100;
const defaultMemory = 200 * 1024 * 1024;

export function podInfoOf(pod: Pod): PodInfo {
  const requests = podRequests(pod);
  const affinity = (pod.spec.affinity ?? {}) as { podAffinity?: RawAffinity; podAntiAffinity?: RawAffinity };
  return {
    pod,
    key: objectKey(pod),
    uid: pod.metadata.uid ?? '',
    priority: pod.spec.priority ?? 0,
    likeness: `${pod.metadata.namespace} ${pod.metadata.deletionTimestamp === undefined} ${canonicalJson(pod.metadata.labels ?? {})}`,
    requests,
    scoredCpu: podRequests(pod, 'cpu', defaultMilliCpu).get('cpu') ?? 0,
    scoredMemory: podRequests(pod, 'memory', defaultMemory).get('memory') ?? 0,
    hostPorts: hostPortsOf(pod),
    affinity: affinityTerms(pod, affinity.podAffinity),
    antiAffinity: affinityTerms(pod, affinity.podAntiAffinity),
  };
}

/** Containers together, or the largest moment of the init containers when that is more; sidecars count on; `fallback` stands in where a container asks for no `only`. */
export function podRequests(pod: Pod, only?: string, fallback = 0): Amounts {
  const { containers, initContainers = [], overhead } = pod.spec;
  const amountsOf = (list: ResourceList = {}) => toAmounts(only === undefined ? list : { [only]: list[only] ?? '0' }, only, fallback);
  const total: Amounts = new Map();
  for (const container of containers) addTo(total, amountsOf(container.resources?.requests));
  const sidecars: Amounts = new Map();
  const peak: Amounts = new Map();
  for (const container of initContainers) {
    const amounts = amountsOf(container.resources?.requests);
    if (container.restartPolicy === 'Always') {
      addTo(total, amounts);
      addTo(sidecars, amounts);
      raiseTo(peak, sidecars);
    } else {
      raiseTo(peak, sum(sidecars, amounts));
    }
  }
  raiseTo(total, peak);
  const podLevel = (pod.spec.resources as { requests?: ResourceList } | undefined)?.requests;
  for (const [name, amount] of toAmounts(podLevel ?? {})) if (only === undefined || only === name) total.set(name, amount);
  if (overhead) addTo(total, toAmounts(only === undefined ? overhead : { [only]: overhead[only] ?? '0' }));
  return total;
}

export function toAmounts(list: ResourceList, only?: string, fallback = 0): Amounts {
  const amounts: Amounts = new Map();
  for (const [name, text] of Object.entries(list)) {
    const amount = name === 'cpu' ? quantityMilli(text) : quantityValue(text);
    amounts.set(name, amount === 0 && name === only ? fallback : amount);
  }
  return amounts;
}

function addTo(target: Amounts, amounts: Amounts): void {
  for (const [name, amount] of amounts) target.set(name, (target.get(name) ?? 0) + amount);
}

function sum(a: Amounts, b: Amounts): Amounts {
  const result = new Map(a);
  addTo(result, b);
  return result;
}

function raiseTo(target: Amounts, amounts: Amounts): void {
  for (const [name, amount] of amounts) target.set(name, Math.max(target.get(name) ?? 0, amount));
}

function hostPortsOf(pod: Pod): HostPort[] {
  const ports: HostPort[] = [];
  for (const container of [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]) {
    for (const port of container.ports ?? []) {
      const hostPort = port.hostPort ?? (pod.spec.hostNetwork ? port.containerPort : undefined);
      const ip = (port as { hostIP?: string }).hostIP;
      if (hostPort) ports.push({ ip: ip || '0.0.0.0', protocol: port.protocol ?? 'TCP', port: hostPort });
    }
  }
  return ports;
}

interface RawTerm {
  topologyKey: string;
  labelSelector?: LabelSelector;
  namespaces?: string[];
  namespaceSelector?: LabelSelector;
  matchLabelKeys?: string[];
  mismatchLabelKeys?: string[];
}

interface RawAffinity {
  requiredDuringSchedulingIgnoredDuringExecution?: RawTerm[];
  preferredDuringSchedulingIgnoredDuringExecution?: { weight: number; podAffinityTerm: RawTerm }[];
}

const none = { required: [], preferred: [] } as const;

function affinityTerms(pod: Pod, raw: RawAffinity | undefined): PodInfo['affinity'] {
  if (!raw) return none;
  return {
    required: (raw.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => affinityTerm(pod, term, 1)),
    preferred: (raw.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => affinityTerm(pod, term.podAffinityTerm, term.weight)),
  };
}

function affinityTerm(owner: Pod, term: RawTerm, weight: number): AffinityTerm {
  const selector: Selector = [...selectorOf(term.labelSelector), ...keySelector(owner, term.matchLabelKeys, 'In'), ...keySelector(owner, term.mismatchLabelKeys, 'NotIn')];
  const namespaceSelector = term.namespaceSelector && selectorOf(term.namespaceSelector);
  const own = !term.namespaces?.length && !namespaceSelector ? owner.metadata.namespace : undefined;
  return {
    topologyKey: term.topologyKey,
    weight,
    matches: (pod, namespaceLabels) => {
      const namespace = pod.metadata.namespace ?? '';
      const inNamespace =
        own === undefined ? term.namespaces?.includes(namespace) || (namespaceSelector && matchesLabels(namespaceSelector, namespaceLabels(namespace))) : namespace === own;
      return inNamespace === true && matchesLabels(selector, pod.metadata.labels);
    },
  };
}

function keySelector(owner: Pod, keys: string[] | undefined, operator: 'In' | 'NotIn'): Selector {
  return (keys ?? []).flatMap((key) => {
    const value = owner.metadata.labels?.[key];
    return value === undefined ? [] : [{ key, operator, values: [value] }];
  });
}
