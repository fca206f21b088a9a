import type { HostedZone, Route53 } from '@aws-sdk/client-route-53';
import type { Facts } from '../../../src/cloud/provider.ts';
import type { AwsApi } from '../api/clients.ts';
import { ifThere } from '../resources/adopt.ts';

type Zones = NonNullable<Facts['hostedZones']>[string];

const zoneId = /^[A-Z0-9]+$/;

/** By name or id, each with all zones of that name: a public one, private ones and the networks that see them. */
export async function lookUpHostedZones(aws: AwsApi, names: readonly string[], abortSignal: AbortSignal): Promise<Record<string, Zones>> {
  const route53 = await aws.service('route53');
  const answers = await Promise.all(names.map(async (name) => [name, await zonesOf(route53, name, abortSignal)] as const));
  return Object.fromEntries(answers.filter(([, zones]) => zones.length > 0));
}

async function zonesOf(route53: Route53, name: string, abortSignal: AbortSignal): Promise<Zones> {
  if (zoneId.test(name)) return [await details(route53, name, abortSignal)].filter((zone) => zone !== undefined);
  // The list begins at this name and goes on with others.
  const { HostedZones = [] } = await route53.listHostedZonesByName({ DNSName: name }, { abortSignal });
  const sameName = HostedZones.filter((zone) => nameOf(zone) === name.replace(/\.$/, ''));
  const zones = sameName.map(async (zone) => (isPrivate(zone) ? details(route53, idOf(zone), abortSignal) : { id: idOf(zone), name: nameOf(zone), private: false }));
  return (await Promise.all(zones)).filter((zone) => zone !== undefined);
}

async function details(route53: Route53, Id: string, abortSignal: AbortSignal): Promise<Zones[number] | undefined> {
  const found = await ifThere(route53.getHostedZone({ Id }, { abortSignal }));
  if (!found?.HostedZone) return undefined;
  const networkIds = (found.VPCs ?? []).flatMap(({ VPCId }) => VPCId ?? []);
  return { id: idOf(found.HostedZone), name: nameOf(found.HostedZone), private: isPrivate(found.HostedZone), ...(networkIds.length > 0 ? { networkIds } : {}) };
}

function isPrivate({ Config }: HostedZone): boolean {
  return Config?.PrivateZone === true;
}

function nameOf({ Name = '' }: HostedZone): string {
  return Name.replace(/\.$/, '');
}

/** `/hostedzone/Z1` → `Z1` */
function idOf({ Id = '' }: HostedZone): string {
  return Id.split('/').pop() ?? '';
}
