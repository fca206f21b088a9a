import type { AuthorizeSecurityGroupEgressRequest, EC2, IpPermission, SecurityGroupRule } from '@aws-sdk/client-ec2';
import { isCloudError } from '../../../src/cloud/errors.ts';
import { fromTagList } from '../api/tag-list.ts';
import type { AwsAttributes } from '../attributes.ts';
import { ownershipTag } from '../model/tags.ts';
import { ifThere } from './adopt.ts';
import type { AwsKind, Resolved, WantedResource } from './aws-kind.ts';
import { createOnce } from './create-once.ts';
import { ownedSecurityGroups, securityGroupRules } from './ec2-lists.ts';
import { tagged } from './ec2-tags.ts';
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
    const request = { GroupId: attributes.groupId, IpPermissions: [permission(attributes)], TagSpecifications: tagged('security-group-rule', ownerTags(cluster, name)) };
    const authorized = async (ec2: EC2) => (await authorize(ec2, attributes.type, request)).SecurityGroupRules?.[0]?.SecurityGroupRuleId;
    const id = await createOnce({ kind: 'SecurityGroupRule', list: sameRules(resource) }, aws, resource, context, async (ec2) => {
      try {
        return await authorized(ec2);
      } catch (error) {
        // Somebody made the same rule: ours, with our tags, takes its place.
        if (!isCloudError(error, 'alreadyExists') || !(await revokeForeign(ec2, resource))) throw error;
        return authorized(ec2);
      }
    });
    return asWanted(resource, id);
  },

  delete: async (aws, actual) => revoke(await aws.service('ec2'), actual.attributes as unknown as Attributes, actual.id),

  effect: () => 'replace',
  // Without ports of its own a protocol has all: how that is written does not matter.
  same: (field, _wanted, attributes) => ((field === 'fromPort' || field === 'toPort') && !withPorts.test(String(attributes.protocol)) ? true : undefined),
};

const withPorts = /^(tcp|udp|icmp|icmpv6)$/;
const everything = '-1';
const lastPort = 65535;

async function authorize(ec2: EC2, type: Attributes['type'], request: AuthorizeSecurityGroupEgressRequest) {
  return type === 'egress' ? ec2.authorizeSecurityGroupEgress(request) : ec2.authorizeSecurityGroupIngress(request);
}

function permission({ protocol, fromPort, toPort, cidrBlock, ipv6CidrBlock, prefixListId, sourceGroupId }: Attributes): IpPermission {
  return {
    IpProtocol: protocol,
    ...(withPorts.test(protocol) ? { FromPort: fromPort, ToPort: toPort } : protocol === everything ? {} : { FromPort: 0, ToPort: lastPort }),
    ...(cidrBlock === undefined ? {} : { IpRanges: [{ CidrIp: cidrBlock }] }),
    ...(ipv6CidrBlock === undefined ? {} : { Ipv6Ranges: [{ CidrIpv6: ipv6CidrBlock }] }),
    ...(prefixListId === undefined ? {} : { PrefixListIds: [{ PrefixListId: prefixListId }] }),
    ...(sourceGroupId === undefined ? {} : { UserIdGroupPairs: [{ GroupId: sourceGroupId }] }),
  };
}

/** A rule is what it says, whatever it is called. */
function sameRules(resource: Wanted): AwsKind['list'] {
  return async ({ aws }) => {
    const same = await findSame(await aws.service('ec2'), resource);
    return same ? [{ ...describe(same, new Map()), name: resource.name }] : [];
  };
}

async function findSame(ec2: EC2, { attributes }: Wanted): Promise<SecurityGroupRule | undefined> {
  const { SecurityGroupRules } = await ec2.describeSecurityGroupRules({ Filters: [{ Name: 'group-id', Values: [attributes.groupId] }] });
  return SecurityGroupRules?.find((rule) => saysTheSame(attributesOf(rule), attributes));
}

async function revokeForeign(ec2: EC2, resource: Wanted): Promise<boolean> {
  const same = await findSame(ec2, resource);
  if (!same?.SecurityGroupRuleId || ownershipTag(resource.cluster) in fromTagList(same.Tags)) return false;
  await revoke(ec2, resource.attributes, same.SecurityGroupRuleId);
  return true;
}

async function revoke(ec2: EC2, { groupId, type }: Pick<Attributes, 'groupId' | 'type'>, id: string): Promise<void> {
  const request = { GroupId: groupId, SecurityGroupRuleIds: [id] };
  await ifThere(type === 'egress' ? ec2.revokeSecurityGroupEgress(request) : ec2.revokeSecurityGroupIngress(request));
}

/** A new group lets everything out. Its own rules say what may leave, as they do for what may enter. */
export async function revokeDefaults(ec2: EC2, groupId: string): Promise<void> {
  const { SecurityGroupRules = [] } = await ec2.describeSecurityGroupRules({ Filters: [{ Name: 'group-id', Values: [groupId] }] });
  const defaults = SecurityGroupRules.filter(({ IsEgress, IpProtocol, Tags }) => IsEgress && IpProtocol === '-1' && !Tags?.length);
  for (const { SecurityGroupRuleId = '' } of defaults) await revoke(ec2, { groupId, type: 'egress' }, SecurityGroupRuleId);
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
  const actual = found({
    kind: 'SecurityGroupRule',
    id: rule.SecurityGroupRuleId ?? '',
    name: tags.Name ?? nameOf(attributes, groupNames),
    attributes: { ...attributes },
    manager,
  });
  const deletedWithoutPrune = 'KubernetesCluster' in tags || opensManagedPort(attributes, groupNames.get(attributes.groupId) ?? '');
  return { ...actual, deletedWithoutPrune };
}

/** Ports whose access is the spec's alone, by the first word of the group's name; on others, rules made by hand are left alone. As in kops. */
const managedPorts: Readonly<Record<string, readonly number[]>> = {
  masters: [22, 179, 443, 2380, 2381, 4001, 4002, 4789, 8443],
  nodes: [22],
  bastion: [22],
  'bastion-elb': [22],
  'api-elb': [443, 8443],
};

function opensManagedPort({ type, fromPort, toPort }: Attributes, groupName: string): boolean {
  return type === 'ingress' && fromPort === toPort && (managedPorts[groupName.split('.')[0] ?? '']?.includes(fromPort) ?? false);
}

function nameOf({ groupId, type, protocol, fromPort, toPort, ...peer }: Attributes, groupNames: ReadonlyMap<string | undefined, string | undefined>): string {
  const other = peer.cidrBlock ?? peer.ipv6CidrBlock ?? peer.prefixListId ?? groupNames.get(peer.sourceGroupId) ?? peer.sourceGroupId;
  const own = groupNames.get(groupId) ?? groupId;
  const [from, to] = type === 'egress' ? [own, other] : [other, own];
  return `from-${from}-${type}-${protocol === '-1' ? 'all' : protocol}-${fromPort}to${toPort}-${to}`;
}
