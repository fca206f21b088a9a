import type { AuthorizeSecurityGroupEgressRequest, EC2, IpPermission, SecurityGroupRule } from '@aws-sdk/client-ec2';
import { fromTagList, toTagList } from '../api/tag-list.ts';
import type { AwsAttributes } from '../attributes.ts';
import { ifThere } from './adopt.ts';
import type { AwsKind, Resolved, WantedResource } from './aws-kind.ts';
import { createOnce } from './create-once.ts';
import { ownedSecurityGroups, securityGroupRules } from './ec2-lists.ts';
import { tagged } from './ec2-tags.ts';
import type { Inventory } from './inventory.ts';
import { asWanted, found, ownerTags } from './ownership.ts';

type Attributes = Resolved<AwsAttributes['SecurityGroupRule']>;
type Wanted = WantedResource<'SecurityGroupRule'>;

export const securityGroupRule: AwsKind<'SecurityGroupRule'> = {
  kind: 'SecurityGroupRule',
  list: async (inventory) => {
    const [rules, groups] = await Promise.all([securityGroupRules(inventory), ownedSecurityGroups(inventory)]);
    const names = new Map(groups.map(({ GroupId, GroupName }) => [GroupId, GroupName]));
    return rules.map((rule) => describe(rule, names));
  },

  create: async (aws, resource, context) => {
    const { attributes, cluster, name } = resource;
    const id = await createOnce({ kind: 'SecurityGroupRule', list: adoptable(resource) }, aws, resource, context, async (ec2) => {
      const request = { GroupId: attributes.groupId, IpPermissions: [permission(attributes)], TagSpecifications: tagged('security-group-rule', ownerTags(cluster, name)) };
      return (await authorize(ec2, attributes.type, request)).SecurityGroupRules?.[0]?.SecurityGroupRuleId;
    });
    return asWanted(resource, id);
  },

  delete: async (aws, actual) => {
    const { groupId: GroupId, type } = actual.attributes as unknown as Attributes;
    const ec2 = await aws.service('ec2');
    const request = { GroupId, SecurityGroupRuleIds: [actual.id] };
    await ifThere(type === 'egress' ? ec2.revokeSecurityGroupEgress(request) : ec2.revokeSecurityGroupIngress(request));
  },

  effect: () => 'replace',
  // Without ports of its own a protocol has all: how that is written does not matter.
  same: (field, _wanted, attributes) => ((field === 'fromPort' || field === 'toPort') && !withPorts.test(String(attributes.protocol)) ? true : undefined),
};

const withPorts = /^(tcp|udp|icmp|icmpv6)$/;

async function authorize(ec2: EC2, type: Attributes['type'], request: AuthorizeSecurityGroupEgressRequest) {
  return type === 'egress' ? ec2.authorizeSecurityGroupEgress(request) : ec2.authorizeSecurityGroupIngress(request);
}

function permission({ protocol, fromPort, toPort, cidrBlock, ipv6CidrBlock, prefixListId, sourceGroupId }: Attributes): IpPermission {
  return {
    IpProtocol: protocol,
    ...(withPorts.test(protocol) ? { FromPort: fromPort, ToPort: toPort } : {}),
    ...(cidrBlock === undefined ? {} : { IpRanges: [{ CidrIp: cidrBlock }] }),
    ...(ipv6CidrBlock === undefined ? {} : { Ipv6Ranges: [{ CidrIpv6: ipv6CidrBlock }] }),
    ...(prefixListId === undefined ? {} : { PrefixListIds: [{ PrefixListId: prefixListId }] }),
    ...(sourceGroupId === undefined ? {} : { UserIdGroupPairs: [{ GroupId: sourceGroupId }] }),
  };
}

/** A rule is what it says: one that says the same is ours from now on, as is the one that lets everything out of a new group. */
function adoptable(resource: Wanted): (inventory: Inventory) => Promise<ReturnType<typeof describe>[]> {
  return async ({ aws, signal }) => {
    const ec2 = await aws.service('ec2');
    const { groupId } = resource.attributes;
    const { SecurityGroupRules } = await ec2.describeSecurityGroupRules({ Filters: [{ Name: 'group-id', Values: [groupId] }] }, { abortSignal: signal });
    const same = SecurityGroupRules?.find((rule) => saysTheSame(attributesOf(rule), resource.attributes));
    if (!same?.SecurityGroupRuleId) return [];
    await ec2.createTags({ Resources: [same.SecurityGroupRuleId], Tags: toTagList(ownerTags(resource.cluster, resource.name)) });
    return [{ ...describe(same, new Map()), name: resource.name }];
  };
}

function saysTheSame(a: Attributes, b: Attributes): boolean {
  const fields = [
    'type',
    'protocol',
    'cidrBlock',
    'ipv6CidrBlock',
    'prefixListId',
    'sourceGroupId',
    ...(withPorts.test(b.protocol) ? (['fromPort', 'toPort'] as const) : []),
  ] as const;
  return fields.every((field) => a[field] === b[field]);
}

function attributesOf(rule: SecurityGroupRule): Attributes {
  const hasPorts = withPorts.test(rule.IpProtocol ?? '');
  return {
    groupId: rule.GroupId ?? '',
    type: rule.IsEgress ? 'egress' : 'ingress',
    protocol: rule.IpProtocol ?? '',
    // AWS says -1 where a protocol has no ports, the model 0.
    fromPort: hasPorts ? (rule.FromPort ?? 0) : 0,
    toPort: hasPorts ? (rule.ToPort ?? 0) : 0,
    cidrBlock: rule.CidrIpv4,
    ipv6CidrBlock: rule.CidrIpv6,
    prefixListId: rule.PrefixListId,
    sourceGroupId: rule.ReferencedGroupInfo?.GroupId,
  };
}

/** Rules in our groups that have no tag of ours were made by hand, or by the cluster's controllers, which say so. */
function describe(rule: SecurityGroupRule, groupNames: ReadonlyMap<string | undefined, string | undefined>) {
  const attributes = attributesOf(rule);
  const tags = fromTagList(rule.Tags);
  const manager = rule.Description?.startsWith('kubernetes.io/rule/') ? 'kubernetes' : 'kops';
  return found({ kind: 'SecurityGroupRule', id: rule.SecurityGroupRuleId ?? '', name: tags.Name ?? nameOf(attributes, groupNames), attributes: { ...attributes }, manager });
}

function nameOf({ groupId, type, protocol, fromPort, toPort, ...peer }: Attributes, groupNames: ReadonlyMap<string | undefined, string | undefined>): string {
  const other = peer.cidrBlock ?? peer.ipv6CidrBlock ?? peer.prefixListId ?? groupNames.get(peer.sourceGroupId) ?? peer.sourceGroupId;
  const own = groupNames.get(groupId) ?? groupId;
  const [from, to] = type === 'egress' ? [own, other] : [other, own];
  return `from-${from}-${type}-${protocol === '-1' ? 'all' : protocol}-${fromPort}to${toPort}-${to}`;
}
