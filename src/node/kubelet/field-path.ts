import type { Container, Pod } from '../../kube/objects.ts';
import { quantityMilli, quantityValue } from '../../kube/quantity.ts';
import type { NodeIdentity } from './node-identity.ts';

export interface PodAddresses {
  ip?: string;
  hostIp: string;
}

/** The downward API's field references. Undefined: the field does not exist for this pod (yet); throws for a path that is not one of them. */
export function fieldValue(pod: Pod, path: string, addresses: PodAddresses): string | undefined {
  const keyed = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path);
  if (keyed) return (keyed[1] === 'labels' ? pod.metadata.labels : pod.metadata.annotations)?.[keyed[2] ?? ''] ?? '';
  const fields: Record<string, string | undefined> = {
    'metadata.name': pod.metadata.name,
    'metadata.namespace': pod.metadata.namespace,
    'metadata.uid': pod.metadata.uid,
    'metadata.labels': mapText(pod.metadata.labels),
    'metadata.annotations': mapText(pod.metadata.annotations),
    'spec.nodeName': pod.spec.nodeName,
    'spec.serviceAccountName': pod.spec.serviceAccountName ?? 'default',
    'status.hostIP': addresses.hostIp,
    'status.hostIPs': addresses.hostIp,
    'status.podIP': addresses.ip,
    'status.podIPs': addresses.ip,
  };
  if (!(path in fields)) throw new Error(`unsupported fieldPath: ${path}`);
  return fields[path];
}

/** As a downward volume writes labels: `key="value"` a line, sorted. */
function mapText(map: Record<string, string> | undefined): string {
  return Object.entries(map ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n');
}

/** `limits.cpu`, `requests.memory` … as a whole number of divisors, rounded up. A limit that is not set is the node's. */
export function resourceValue(container: Container, resource: string, divisor: string | undefined, node: NodeIdentity): string {
  const [kind, name = ''] = resource.split(/\.(.*)/s);
  const { limits, requests } = container.resources ?? {};
  const fallback: Record<string, string> = { cpu: String(node.vcpus), memory: `${node.memoryGib}Gi` };
  const text = (kind === 'limits' ? limits?.[name] : (requests?.[name] ?? limits?.[name])) ?? (kind === 'limits' ? fallback[name] : '0');
  const unit = divisor === undefined || divisor === '0' ? '1' : divisor;
  if (name === 'cpu') return String(Math.ceil(quantityMilli(text) / quantityMilli(unit)));
  return String(Math.ceil(quantityValue(text) / quantityValue(unit)));
}
