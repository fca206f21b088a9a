import type { SharedInformers } from '../../kube/informer.ts';
import { type EndpointSlice, keyOf, type Service } from '../../kube/objects.ts';
import { resourceTypes } from '../../kube/resource-types.ts';
import { parseIp } from '../../lib/cidr.ts';

export interface ClusterDnsOptions {
  informers: SharedInformers;
  /** `cluster.local` */
  clusterDomain: string;
}

/** The cluster's names as CoreDNS answers them, for programs in pods. */
export interface ClusterDns {
  /** IPv4 addresses of a name as a pod of that namespace sees it (search domains included); empty: no such name. */
  resolve(name: string, namespace: string): Promise<string[]>;
}

const sliceIndex = 'service';

export function createClusterDns(options: ClusterDnsOptions): ClusterDns {
  const services = options.informers.for<Service>(resourceTypes.services);
  const slices = options.informers.for<EndpointSlice>(resourceTypes.endpointSlices);
  slices.addIndex(sliceIndex, (slice) => [keyOf(slice.metadata.namespace, slice.metadata.labels?.['kubernetes.io/service-name'] ?? '')]);
  const suffix = `.${options.clusterDomain}`;

  const lookUp = (full: string): string[] => {
    if (!full.endsWith(suffix)) return [];
    const labels = full.slice(0, -suffix.length).split('.');
    const kind = labels.pop();
    const namespace = labels.pop();
    if (namespace === undefined || labels.length === 0) return [];
    if (kind === 'pod') return podAddress(labels.join('.'));
    if (kind !== 'svc') return [];
    return serviceAddresses(labels, namespace);
  };

  const serviceAddresses = (labels: readonly string[], namespace: string): string[] => {
    const name = labels.at(-1) ?? '';
    const hostname = labels.length > 1 ? labels.slice(0, -1).join('.') : undefined;
    const service = services.get(keyOf(namespace, name));
    if (!service) return [];
    const { clusterIP } = service.spec;
    if (clusterIP && clusterIP !== 'None') return hostname === undefined ? [clusterIP] : [];
    return slices.byIndex(sliceIndex, keyOf(namespace, name)).flatMap((slice) => endpointAddresses(slice, hostname, service));
  };

  return {
    resolve: async (name, namespace) => {
      if (parseIp(name) !== undefined) return [name];
      for (const candidate of candidates(name.toLowerCase(), namespace, options.clusterDomain)) {
        const found = lookUp(candidate);
        if (found.length > 0) return found;
      }
      return [];
    },
  };
}

/** resolv.conf's `search` with `ndots:5`: names with fewer dots are tried with the search domains first. */
function candidates(name: string, namespace: string, domain: string): string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)];
  const searched = [`${namespace}.svc.${domain}`, `svc.${domain}`, domain].map((search) => `${name}.${search}`);
  return name.split('.').length - 1 >= 5 ? [name, ...searched] : [...searched, name];
}

/** Headless Services answer with their pods; a pod's own hostname asks for it alone. */
function endpointAddresses(slice: EndpointSlice, hostname: string | undefined, service: Service): string[] {
  return (slice.endpoints ?? [])
    .filter((endpoint) => endpoint.conditions?.ready !== false || service.spec.publishNotReadyAddresses)
    .filter((endpoint) => hostname === undefined || endpoint.hostname === hostname)
    .flatMap((endpoint) => endpoint.addresses);
}

/** `127-16-128-3.default.pod.cluster.local` */
function podAddress(label: string): string[] {
  const ip = label.replaceAll('-', '.');
  return parseIp(ip) === undefined ? [] : [ip];
}
