import type { Facts } from '../../src/cloud/provider.ts';
import type { Cluster } from '../../src/spec/types.ts';

/** A cluster has names in a hosted zone unless it says that it has none; names under `k8s.local` are nobody's. */
export function usesDns({ metadata, spec }: Cluster): boolean {
  return (spec.topology?.dns?.type ?? defaultDnsType(metadata.name)) !== 'None';
}

export function defaultDnsType(clusterName: string): 'Public' | 'None' {
  return clusterName.endsWith('.k8s.local') ? 'None' : 'Public';
}

/** Zones that could hold the cluster's names, the nearest first: `demo.example.com`, `example.com`. */
export function possibleDnsZones(clusterName: string): string[] {
  const labels = clusterName.split('.');
  return labels.slice(0, -1).map((_label, i) => labels.slice(i).join('.'));
}

/** The nearest zone that there is, as private as the cluster's names. Undefined: none was found, or nobody was asked. */
export function nearestDnsZone({ metadata, spec }: Cluster, { hostedZones = {} }: Facts): string | undefined {
  const isPrivate = spec.topology?.dns?.type === 'Private';
  return possibleDnsZones(metadata.name).find((zone) => hostedZones[zone]?.some((found) => found.private === isPrivate));
}
