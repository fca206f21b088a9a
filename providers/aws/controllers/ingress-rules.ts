import type { IpPermission, SecurityGroupRule } from '@aws-sdk/client-ec2';
import { isCloudError } from '../../../src/cloud/errors.ts';
import { allPages } from '../api/parallel.ts';
import { toTagList } from '../api/tag-list.ts';
import { ifThere } from '../resources/adopt.ts';
import { allDone } from './adopt.ts';
import type { BalancerScope } from './scope.ts';

export interface IngressRule {
  protocol: string;
  fromPort: number;
  toPort: number;
  cidr?: string;
  sourceGroupId?: string;
}

type Filters = Readonly<Record<string, string>>;

/** Adds what is wanted and revokes what is not, among the rules that `filters` find; groups in `except` are not looked at. */
export async function syncIngress(
  scope: BalancerScope,
  tags: Readonly<Record<string, string>>,
  wanted: readonly { groupId: string; rules: readonly IngressRule[] }[],
  filters: Filters,
  except: readonly string[] = [],
): Promise<void> {
  const actual = (await ingressRules(scope, filters)).filter((rule) => !except.includes(rule.GroupId ?? ''));
  const known = new Map(actual.map((rule) => [`${rule.GroupId} ${keyOf(fromAws(rule))}`, rule]));
  const wantedKeys = new Set(wanted.flatMap(({ groupId, rules }) => rules.map((rule) => `${groupId} ${keyOf(rule)}`)));
  const missing = wanted.map(({ groupId, rules }) => ({ groupId, rules: rules.filter((rule) => !known.has(`${groupId} ${keyOf(rule)}`)) }));
  await allDone(missing.flatMap(({ groupId, rules }) => (rules.length > 0 ? [authorize(scope, groupId, rules, tags)] : [])));
  await revoke(
    scope,
    [...known].flatMap(([key, rule]) => (wantedKeys.has(key) ? [] : [rule])),
  );
}

export async function ingressRules({ aws }: BalancerScope, filters: Filters): Promise<SecurityGroupRule[]> {
  const ec2 = await aws.service('ec2');
  const Filters = Object.entries(filters).map(([Name, value]) => ({ Name, Values: [value] }));
  const found = await allPages(async (NextToken) => {
    const page = await ec2.describeSecurityGroupRules({ Filters, NextToken });
    return { items: page.SecurityGroupRules, next: page.NextToken };
  });
  return found.filter((rule) => rule.IsEgress !== true);
}

/** All at once; where one of them is there already or the answer got lost, one by one. */
async function authorize(scope: BalancerScope, groupId: string, rules: readonly IngressRule[], tags: Readonly<Record<string, string>>): Promise<void> {
  try {
    await authorizeTogether(scope, groupId, rules, tags);
  } catch (error) {
    if (!isCloudError(error, 'alreadyExists', 'ambiguous')) throw error;
    for (const rule of rules) await authorizeOne(scope, groupId, rule, tags);
  }
}

async function authorizeOne(scope: BalancerScope, groupId: string, rule: IngressRule, tags: Readonly<Record<string, string>>): Promise<void> {
  try {
    await authorizeTogether(scope, groupId, [rule], tags);
  } catch (error) {
    if (!isCloudError(error, 'alreadyExists')) throw error;
  }
}

async function authorizeTogether({ aws }: BalancerScope, GroupId: string, rules: readonly IngressRule[], tags: Readonly<Record<string, string>>): Promise<void> {
  const ec2 = await aws.once('ec2');
  const TagSpecifications = [{ ResourceType: 'security-group-rule' as const, Tags: toTagList(tags) }];
  await ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions: rules.map(permission), TagSpecifications });
}

export async function revoke({ aws }: BalancerScope, rules: readonly SecurityGroupRule[]): Promise<void> {
  const ec2 = await aws.service('ec2');
  for (const GroupId of new Set(rules.map((rule) => rule.GroupId ?? ''))) {
    const SecurityGroupRuleIds = rules.filter((rule) => rule.GroupId === GroupId).map((rule) => rule.SecurityGroupRuleId ?? '');
    await ifThere(ec2.revokeSecurityGroupIngress({ GroupId, SecurityGroupRuleIds }));
  }
}

function permission({ protocol, fromPort, toPort, cidr, sourceGroupId }: IngressRule): IpPermission {
  return {
    IpProtocol: protocol,
    FromPort: fromPort,
    ToPort: toPort,
    ...(cidr === undefined ? {} : cidr.includes(':') ? { Ipv6Ranges: [{ CidrIpv6: cidr }] } : { IpRanges: [{ CidrIp: cidr }] }),
    ...(sourceGroupId === undefined ? {} : { UserIdGroupPairs: [{ GroupId: sourceGroupId }] }),
  };
}

function fromAws(rule: SecurityGroupRule): IngressRule {
  const cidr = rule.CidrIpv4 ?? rule.CidrIpv6;
  const sourceGroupId = rule.ReferencedGroupInfo?.GroupId;
  return { protocol: rule.IpProtocol ?? '', fromPort: rule.FromPort ?? -1, toPort: rule.ToPort ?? -1, ...(cidr ? { cidr } : {}), ...(sourceGroupId ? { sourceGroupId } : {}) };
}

function keyOf({ protocol, fromPort, toPort, cidr, sourceGroupId }: IngressRule): string {
  return `${protocol} ${fromPort}-${toPort} ${cidr ?? sourceGroupId}`;
}
