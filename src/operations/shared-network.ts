import type { Catalog } from '../cloud/catalog.ts';
import type { Facts, ProviderModule } from '../cloud/provider.ts';
import { KopsError } from '../lib/errors.ts';
import { nearest } from '../lib/text.ts';

/** Existing subnets a new cluster is told to use, by zone, and the network they are in. */
export interface SharedNetwork {
  networkId?: string;
  sharedSubnets?: Record<string, string>;
  sharedUtilitySubnets?: Record<string, string>;
}

/** Places subnet ids in zones. `facts` has all of them. Throws for ids that are not there, in several networks, or two in one zone. */
export function sharedNetwork(options: { networkId?: string; subnetIds?: string[]; utilitySubnetIds?: string[] }, facts: Facts): SharedNetwork {
  const [first] = options.subnetIds ?? [];
  const networkId = options.networkId ?? (first === undefined ? undefined : subnet(first, facts).networkId);
  return {
    ...(networkId === undefined ? {} : { networkId }),
    ...(options.subnetIds ? { sharedSubnets: byZone(options.subnetIds, networkId, facts) } : {}),
    ...(options.utilitySubnetIds ? { sharedUtilitySubnets: byZone(options.utilitySubnetIds, networkId, facts) } : {}),
  };
}

function byZone(ids: readonly string[], networkId: string | undefined, facts: Facts): Record<string, string> {
  const zones: Record<string, string> = {};
  for (const id of ids) {
    const { zone, networkId: found } = subnet(id, facts);
    if (networkId !== undefined && found !== networkId) throw badSubnet(id, `subnet ${id} is in network ${found}, not in ${networkId}`, 'Name subnets of one network.');
    if (zones[zone] !== undefined) throw badSubnet(id, `subnets ${zones[zone]} and ${id} have the same zone ${zone}`, 'Name one subnet for each zone.');
    zones[zone] = id;
  }
  return zones;
}

function subnet(id: string, facts: Facts): { cidr: string; zone: string; networkId: string } {
  const found = facts.subnets?.[id];
  if (found) return found;
  const near = nearest(id, Object.keys(facts.subnets ?? {}));
  throw badSubnet(id, `subnet ${id} does not exist${near === undefined ? '' : `: did you mean ${near}?`}`, 'Check the id, the region and the account.');
}

function badSubnet(object: string, message: string, suggestion: string): KopsError {
  return new KopsError(message, { code: 'BAD_SUBNET', exit: 'usage', object, suggestions: [suggestion] });
}

/** The module as if its account held exactly these facts: every look-up is answered by them, nothing is asked. */
export function withFacts(module: ProviderModule, facts: Facts): ProviderModule {
  const { spec } = module;
  return {
    ...module,
    spec: {
      ...spec,
      references: () => ({}),
      clusterDefaults: (cluster) => spec.clusterDefaults(cluster, facts),
      instanceGroupDefaults: (cluster, group) => spec.instanceGroupDefaults(cluster, group, facts),
    },
    catalog: async () => {
      const catalog = withMachineTypes(await module.catalog(), facts);
      return { ...catalog, ...(facts.zones ? { zones: () => facts.zones } : {}) };
    },
  };
}

/** The catalog with machine types that were looked up: a cloud sells more than the catalog has prices of. */
export function withMachineTypes(catalog: Catalog, { machineTypes = {} }: Facts): Catalog {
  const more = Object.entries(machineTypes).map(([name, type]) => [name, { name, ...type }] as const);
  return more.length === 0 ? catalog : { ...catalog, machineTypes: new Map([...catalog.machineTypes, ...more]) };
}
