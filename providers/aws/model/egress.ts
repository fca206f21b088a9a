import { type DesiredResource, ref } from '../../../src/cloud/resource.ts';
import { KopsError } from '../../../src/lib/errors.ts';
import type { SubnetSpec } from '../../../src/spec/types.ts';
import type { AwsAttributes, Id } from '../attributes.ts';
import { type AwsContext, resource, subnetId } from './context.ts';
import { zoneName } from './names.ts';
import { afterInternetGateway } from './network.ts';
import { ownedTags } from './tags.ts';

/** How the private subnets of a zone reach the internet. */
export interface Egress {
  /** What is made for it: a NAT gateway and its address. */
  resources: DesiredResource[];
  /** Where the default route leads. */
  target?: Pick<AwsAttributes['Route'], 'natGatewayId' | 'transitGatewayId' | 'instanceId'>;
}

/** One way for all: what the subnets say, or a NAT gateway of our own in the zone's subnet of type `place`. Throws when they disagree. */
export function zoneEgress(context: AwsContext, zone: string, subnets: readonly SubnetSpec[], place: 'Utility' | 'Public'): Egress {
  const egress = oneOf(zone, subnets, 'egress');
  const publicIp = oneOf(zone, subnets, 'publicIP');
  if (egress?.startsWith('nat-')) return { resources: [], target: { natGatewayId: egress } };
  if (egress?.startsWith('tgw-')) return { resources: [], target: { transitGatewayId: egress } };
  if (egress?.startsWith('i-')) return { resources: [], target: { instanceId: egress } };
  const name = zoneName(zone, context.name);
  const allocation = egress ?? (publicIp === undefined ? undefined : allocationOf(context, publicIp));
  const ownAddress = allocation === undefined ? [resource('ElasticIP', name, { domain: 'vpc', tags: ownedTags(context, name) })] : [];
  const gateway = resource(
    'NatGateway',
    name,
    { allocationId: allocation ?? ref('ElasticIP', name), subnetId: subnetInZone(context, zone, place), tags: ownedTags(context, name) },
    afterInternetGateway(context),
  );
  return { resources: [...ownAddress, gateway], target: { natGatewayId: ref('NatGateway', name) } };
}

function oneOf(zone: string, subnets: readonly SubnetSpec[], field: 'egress' | 'publicIP'): string | undefined {
  const values = [...new Set(subnets.map((subnet) => subnet[field] as string | undefined))];
  if (values.length <= 1) return values[0];
  throw new KopsError(`subnets of zone ${zone} have different values of ${field}: ${values.map((value) => value ?? 'none').join(', ')}`, {
    code: 'MIXED_EGRESS',
    exit: 'invalid',
    object: zone,
    suggestions: [`Give ${subnets.map(({ name }) => name).join(', ')} the same ${field}: they share a route table.`],
  });
}

function subnetInZone(context: AwsContext, zone: string, type: 'Utility' | 'Public'): Id {
  const subnet = context.subnets.find((other) => other.zone === zone && other.type === type);
  if (subnet) return subnetId(context, subnet);
  throw new KopsError(`zone ${zone} has no ${type} subnet for the NAT gateway of its private ones`, {
    code: 'NO_NAT_SUBNET',
    exit: 'invalid',
    object: zone,
    suggestions: [`Add a subnet of type ${type} in ${zone}.`, 'Or say how they reach the internet: egress: nat-…, tgw-…, i-… or External.'],
  });
}

/** An address somebody else holds is known by its allocation; a preview that asks nobody knows only the address. */
function allocationOf({ facts }: AwsContext, publicIp: string): string {
  return facts.addresses?.[publicIp]?.allocationId ?? `the address ${publicIp}`;
}
