import { KopsError } from '../lib/errors.ts';
import type { SpecCatalog } from './provider-view.ts';
import { hintFor } from './schema.ts';
import type { Cluster } from './types.ts';

/** The one region all zones are in. Throws for an unknown zone, and for zones of several regions. */
export function regionOfZones(zones: readonly string[], catalog: SpecCatalog): string {
  const regions = new Map(zones.map((zone) => [regionOfZone(zone, catalog), zone]));
  const [first] = regions.keys();
  if (first === undefined) throw new KopsError('the cluster has no zone', { code: 'NO_ZONES', exit: 'usage', suggestions: ['Name at least one: --zones local-1a'] });
  if (regions.size === 1) return first;
  const list = [...regions].map(([region, zone]) => `${zone} is in ${region}`).join(', ');
  throw new KopsError(`zones of several regions cannot make one cluster: ${list}`, {
    code: 'MIXED_REGIONS',
    exit: 'usage',
    object: zones.join(','),
    suggestions: ['Use zones of one region.'],
  });
}

/** The region of a stored cluster, from its subnets. */
export function regionOfCluster(cluster: Cluster, catalog: SpecCatalog): string {
  const subnets = cluster.spec.subnets ?? [];
  const named = subnets.find((subnet) => subnet.zone === undefined && subnet.region !== undefined)?.region;
  return named ?? regionOfZones([...new Set(subnets.flatMap((subnet) => subnet.zone ?? []))], catalog);
}

function regionOfZone(zone: string, catalog: SpecCatalog): string {
  const region = catalog.regionOf(zone);
  const known = region === undefined ? undefined : catalog.zones(region);
  if (region !== undefined && (known === undefined || known.includes(zone))) return region;
  const letter = zone.at(-1) ?? 'a';
  const zones = known && known.length > 0 ? known : catalog.regions.flatMap((name) => catalog.zones(name) ?? [`${name}${letter}`]);
  const hint = hintFor(zone, zones);
  throw new KopsError(`${JSON.stringify(zone)} is not a zone${hint === undefined ? '' : `: ${hint}`}`, {
    code: 'UNKNOWN_ZONE',
    exit: 'usage',
    object: zone,
    ...(known && known.length > 0
      ? { expected: `a zone of ${region}: ${zones.join(', ')}`, suggestions: [`Region ${region} has ${zones.join(', ')}.`] }
      : { expected: 'a region and a letter, such as local-1a or us-east-1a', suggestions: ['A zone is a region and a letter: local-1a, us-east-1a.'] }),
  });
}
