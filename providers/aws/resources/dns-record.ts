import type { ResourceRecordSet, Route53 } from '@aws-sdk/client-route-53';
import type { ActualResource } from '../../../src/cloud/resource.ts';
import { inParallel } from '../api/parallel.ts';
import { ifReadable, ifThere } from './adopt.ts';
import type { AwsKind, WantedResource } from './aws-kind.ts';
import { zoneId, zonesOf } from './hosted-zones.ts';
import { loadBalancersOf } from './load-balancer-lists.ts';
import { found } from './ownership.ts';

type RecordAttributes = WantedResource<'DNSRecord'>['attributes'];

/** Before the cluster's name: records of a cluster by their names, also where a name server in the cluster keeps them. */
const words = ['api.', 'api.internal.', 'kops-controller.internal.', 'bastion.'];

/** In a zone with more records only those below the cluster's name are looked at. */
const wholeZoneLimit = 3_000;

export const dnsRecord: AwsKind<'DNSRecord'> = {
  kind: 'DNSRecord',

  // A name of the user's own is known by where it leads: to a load balancer of the cluster.
  list: async (inventory) => {
    const [route53, zones, balancers] = await Promise.all([inventory.aws.service('route53'), zonesOf(inventory), loadBalancersOf(inventory)]);
    const names = words.map((word) => `${word}${inventory.clusterName}`);
    const targets = balancers.map(({ item }) => item.DNSName?.toLowerCase());
    const records = await inParallel(zones, (zone) => {
      const small = (zone.ResourceRecordSetCount ?? 0) <= wholeZoneLimit;
      return recordsBelow(route53, zoneId(zone), small ? (zone.Name ?? '').replace(/\.$/, '') : inventory.clusterName);
    });
    return records
      .flat()
      .filter(({ recordName, alias }) => names.includes(recordName) || (alias && targets.includes(alias.dnsName)))
      .map(actualRecord);
  },

  // An UPSERT says how the record is to be, whatever is there.
  create: async (aws, { attributes }) => {
    const route53 = await aws.service('route53');
    await change(route53, attributes.hostedZoneId, 'UPSERT', toRecordSet(attributes));
    return actualRecord(attributes);
  },

  update: (aws, _actual, resource, _changes, context) => dnsRecord.create(aws, resource, context),

  // Route 53 deletes exactly what it is told: what is there now may differ from what was seen.
  delete: async (aws, actual) => {
    const route53 = await aws.service('route53');
    const { hostedZoneId, recordName, type } = actual.attributes as unknown as RecordAttributes;
    const page = await ifThere(route53.listResourceRecordSets({ HostedZoneId: hostedZoneId, StartRecordName: recordName, StartRecordType: type, MaxItems: 1 }));
    const [record] = page?.ResourceRecordSets ?? [];
    if (record && nameOf(record) === recordName && record.Type === type) await ifThere(change(route53, hostedZoneId, 'DELETE', record));
  },

  effect: (changes) => (changes.some((field) => field === 'hostedZoneId' || field === 'recordName' || field === 'type') ? 'replace' : 'update'),

  unordered: ['values'],
};

async function change(route53: Route53, HostedZoneId: string, Action: 'UPSERT' | 'DELETE', ResourceRecordSet: ResourceRecordSet): Promise<void> {
  await route53.changeResourceRecordSets({ HostedZoneId, ChangeBatch: { Changes: [{ Action, ResourceRecordSet }] } });
}

/** Records are sorted by their labels from the last to the first: those below a name stand together, behind it. */
async function recordsBelow(route53: Route53, hostedZoneId: string, top: string): Promise<RecordAttributes[]> {
  const below: RecordAttributes[] = [];
  let start: { StartRecordName?: string | undefined; StartRecordType?: ResourceRecordSet['Type'] } = { StartRecordName: top };
  for (;;) {
    const page = await ifReadable(route53.listResourceRecordSets({ HostedZoneId: hostedZoneId, ...start }));
    const addresses = (page?.ResourceRecordSets ?? []).filter((record) => record.Type === 'A' || record.Type === 'AAAA');
    below.push(...addresses.filter((record) => nameOf(record).endsWith(`.${top}`)).map((record) => fromRecordSet(hostedZoneId, record)));
    if (!page?.IsTruncated || !`.${page.NextRecordName}`.endsWith(`.${top}.`)) return below;
    start = { StartRecordName: page.NextRecordName, StartRecordType: page.NextRecordType };
  }
}

function nameOf({ Name = '' }: ResourceRecordSet): string {
  return Name.replace(/\.$/, '').toLowerCase();
}

function toRecordSet({ recordName, type, alias, ttl, values }: RecordAttributes): ResourceRecordSet {
  const target = alias && { AliasTarget: { DNSName: alias.dnsName, HostedZoneId: alias.hostedZoneId, EvaluateTargetHealth: false } };
  return { Name: recordName, Type: type, ...(target ?? { TTL: ttl ?? 60, ResourceRecords: (values ?? []).map((Value) => ({ Value })) }) };
}

function fromRecordSet(hostedZoneId: string, record: ResourceRecordSet): RecordAttributes {
  const base = { hostedZoneId, recordName: nameOf(record), type: record.Type as 'A' | 'AAAA' };
  if (!record.AliasTarget) return { ...base, ttl: record.TTL ?? 0, values: (record.ResourceRecords ?? []).flatMap(({ Value }) => Value ?? []).sort() };
  // Route 53 writes the target as an absolute name in lower case, sometimes with a word that asks for both address families.
  const dnsName = (record.AliasTarget.DNSName ?? '').replace(/\.$/, '').replace(/^dualstack\./, '');
  return { ...base, alias: { dnsName, hostedZoneId: record.AliasTarget.HostedZoneId ?? '' } };
}

function actualRecord(attributes: RecordAttributes): ActualResource {
  const { hostedZoneId, recordName, type } = attributes;
  const name = type === 'A' ? recordName : `${recordName}-${type}`;
  return found({ kind: 'DNSRecord', id: `${hostedZoneId}/${recordName}/${type}`, name, attributes: { ...attributes } });
}
