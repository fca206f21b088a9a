import type { SharedInformers } from '../../kube/informer.ts';
import type { EndpointSlice, Service } from '../../kube/objects.ts';
import { keyOf } from '../../kube/objects.ts';
import { resourceTypes } from '../../kube/resource-types.ts';

export interface ResolverOptions {
  informers: SharedInformers;
  /** `cluster.local` */
  clusterDomain: string;
}

/** The names of a cluster: what CoreDNS answers, with the search path that a pod of `fromNamespace` has. Empty: the name does not exist (or has no address). */
export type Resolve = (name: string, fromNamespace: string) => Promise<string[]>;

const serviceIndex = 'serviceName';
const longestAliasChain = 8;

export function createResolver({ informers, clusterDomain }: ResolverOptions): Resolve {
  const services = informers.for<Service>(resourceTypes.services);
  const slices = informers.for<EndpointSlice>(resourceTypes.endpointSlices);
  slices.addIndex(serviceIndex, (slice) => [keyOf(slice.metadata.namespace, slice.metadata.labels?.['kubernetes.io/service-name'] ?? '')]);
  const suffix = `.${clusterDomain}`;

  const endpoints = (namespace: string, service: Service, hostname: string | undefined): string[] => {
    const usable = slices
      .byIndex(serviceIndex, keyOf(namespace, service.metadata.name))
      .flatMap((slice) => slice.endpoints ?? [])
      .filter((endpoint) => endpoint.conditions?.ready !== false || service.spec.publishNotReadyAddresses === true);
    return [...new Set(usable.filter((endpoint) => hostname === undefined || endpoint.hostname === hostname).flatMap(({ addresses }) => addresses))];
  };

  const serviceAddresses = (labels: string[], depth: number): string[] => {
    const namespace = labels.at(-1) ?? '';
    const service = services.get(keyOf(namespace, labels.at(-2) ?? ''));
    const hostname = labels.length === 3 ? labels[0] : undefined;
    if (!service || labels.length < 2 || labels.length > 3) return [];
    if (service.spec.type === 'ExternalName') return hostname === undefined ? lookup(service.spec.externalName ?? '', depth + 1) : [];
    if (service.spec.clusterIP === 'None') return endpoints(namespace, service, hostname);
    return hostname === undefined && service.spec.clusterIP ? [service.spec.clusterIP] : [];
  };

  /** A full name, without its last dot. */
  const lookup = (name: string, depth = 0): string[] => {
    if (!name.endsWith(suffix) || depth > longestAliasChain) return [];
    const labels = name.slice(0, -suffix.length).split('.');
    const kind = labels.pop();
    if (kind === 'svc') return serviceAddresses(labels, depth);
    const ip = kind === 'pod' && labels.length === 2 ? labels[0]?.replaceAll('-', '.') : undefined;
    return ip !== undefined && /^\d+(\.\d+){3}$/.test(ip) ? [ip] : [];
  };

  return async (name, fromNamespace) => {
    await Promise.all([services.synced, slices.synced]);
    const asked = name.toLowerCase();
    if (asked.endsWith('.')) return lookup(asked.slice(0, -1));
    const search = [`${fromNamespace}.svc${suffix}`, `svc${suffix}`, clusterDomain].map((domain) => `${asked}.${domain}`);
    // ndots:5, as in every pod's resolv.conf: a name with fewer dots goes through the search path first.
    const order = asked.split('.').length > 5 ? [asked, ...search] : [...search, asked];
    for (const candidate of order) {
      const found = lookup(candidate);
      if (found.length > 0) return found;
    }
    return [];
  };
}
