import type { SecurityGroup } from '@aws-sdk/client-ec2';
import { CloudError } from '../../../src/cloud/errors.ts';
import type { AwsApi } from '../api/clients.ts';
import { allPages } from '../api/parallel.ts';
import { fromTagList, toTagList } from '../api/tag-list.ts';
import { ownershipTag } from '../model/tags.ts';
import { findOrCreate } from './adopt.ts';
import type { BalancerWish } from './balancer-wish.ts';
import { type IngressRule, syncIngress } from './ingress-rules.ts';
import { isOwned, serviceTag } from './names.ts';
import type { BalancerScope } from './scope.ts';

export interface BalancerGroups {
  /** Groups of the load balancer. */
  ids: string[];
  /** All groups of the cluster. */
  ofCluster: SecurityGroup[];
}

/** The load balancer's groups with their rules: one of its own that lets the source ranges in, or those the Service names. */
export async function ensureBalancerGroups(scope: BalancerScope, wish: BalancerWish, vpcId: string): Promise<BalancerGroups> {
  const ofCluster = await clusterGroups(scope.aws, scope.clusterName);
  if (wish.securityGroups) return { ids: [...wish.securityGroups, ...wish.extraSecurityGroups], ofCluster };
  const own = await findOrCreate(
    async () => ownGroup(scope, vpcId),
    () => createGroup(scope, wish, vpcId),
  );
  await syncIngress(scope, wish.tags, [{ groupId: own, rules: frontRules(wish) }], { 'group-id': own });
  return { ids: [own, ...wish.extraSecurityGroups], ofCluster };
}

/** The nodes accept what comes from the load balancer, on node ports and for health checks. Groups that no node is in any more forget it. */
export async function syncNodeRules(
  scope: BalancerScope,
  wish: BalancerWish,
  groups: BalancerGroups,
  instances: readonly { InstanceId?: string | undefined; SecurityGroups?: { GroupId?: string | undefined }[] | undefined }[],
): Promise<void> {
  if (instances.length === 0) return;
  const nodeGroups = [...new Set(instances.map((instance) => nodeGroup(scope.clusterName, groups.ofCluster, instance)))];
  const rules = groups.ids.flatMap((source) => backRules(wish, source));
  await syncIngress(
    scope,
    wish.tags,
    nodeGroups.map((groupId) => ({ groupId, rules })),
    { [`tag:${serviceTag}`]: wish.tags[serviceTag] ?? '', 'tag-key': ownershipTag(scope.clusterName) },
    groups.ids,
  );
}

/** Of an instance's groups the cluster's; where the instance names none of them, the cluster's group for nodes. */
function nodeGroup(
  clusterName: string,
  ofCluster: readonly SecurityGroup[],
  { InstanceId, SecurityGroups = [] }: { InstanceId?: string | undefined; SecurityGroups?: { GroupId?: string | undefined }[] | undefined },
): string {
  const candidates = ofCluster.filter((group) => !group.Tags?.some((tag) => tag.Key === serviceTag));
  const own = candidates.find((group) => SecurityGroups.some(({ GroupId }) => GroupId === group.GroupId));
  const usual = candidates.find((group) => group.GroupName === `nodes.${clusterName}`);
  const only = SecurityGroups.length === 1 ? SecurityGroups[0]?.GroupId : undefined;
  const id = own?.GroupId ?? usual?.GroupId ?? only;
  if (id !== undefined) return id;
  throw new CloudError(
    'invalid',
    'ensureLoadBalancer',
    `none of the security groups of instance ${InstanceId} has the tag ${ownershipTag(clusterName)}: tag the one that shall let the load balancer in`,
  );
}

export async function clusterGroups(aws: AwsApi, clusterName: string): Promise<SecurityGroup[]> {
  const ec2 = await aws.service('ec2');
  const Filters = [{ Name: 'tag-key', Values: [ownershipTag(clusterName)] }];
  return allPages(async (NextToken) => {
    const page = await ec2.describeSecurityGroups({ Filters, NextToken });
    return { items: page.SecurityGroups, next: page.NextToken };
  });
}

async function ownGroup({ aws, clusterName, service, groupName }: BalancerScope, vpcId: string): Promise<string | undefined> {
  const ec2 = await aws.service('ec2');
  const filters = [
    { Name: 'group-name', Values: [groupName] },
    { Name: 'vpc-id', Values: [vpcId] },
  ];
  const group = (await ec2.describeSecurityGroups({ Filters: filters })).SecurityGroups?.[0];
  if (group && !isOwned(clusterName, service, fromTagList(group.Tags))) {
    throw new CloudError('invalid', 'CreateSecurityGroup', `security group ${groupName} (${group.GroupId}) is there and belongs to somebody else: delete or rename it`, {
      object: groupName,
    });
  }
  return group?.GroupId;
}

async function createGroup({ aws, groupName }: BalancerScope, wish: BalancerWish, VpcId: string): Promise<string | undefined> {
  const ec2 = await aws.once('ec2');
  const Description = `Security group of the load balancer of Service ${wish.tags[serviceTag]}`.slice(0, 255);
  const made = await ec2.createSecurityGroup({ GroupName: groupName, Description, VpcId, TagSpecifications: [{ ResourceType: 'security-group', Tags: toTagList(wish.tags) }] });
  return made.GroupId;
}

function frontRules(wish: BalancerWish): IngressRule[] {
  return wish.sourceRanges.flatMap((cidr) => [
    ...wish.ports.flatMap(({ port, protocol }) => protocolsOf(protocol).map((name) => ({ protocol: name, fromPort: port, toPort: port, cidr }))),
    // Path MTU discovery.
    cidr.includes(':') ? { protocol: 'icmpv6', fromPort: 2, toPort: 0, cidr } : { protocol: 'icmp', fromPort: 3, toPort: 4, cidr },
  ]);
}

function backRules(wish: BalancerWish, sourceGroupId: string): IngressRule[] {
  const checks = wish.ports.flatMap(({ targetGroup }) =>
    targetGroup.healthCheck.port === 'traffic-port' ? [] : [{ protocol: 'tcp', port: Number(targetGroup.healthCheck.port) }],
  );
  const traffic = wish.ports.flatMap(({ targetGroup }) => protocolsOf(targetGroup.protocol).map((protocol) => ({ protocol, port: targetGroup.port })));
  const unique = new Map([...traffic, ...checks].map((each) => [`${each.protocol} ${each.port}`, each]));
  return [...unique.values()].map(({ protocol, port }) => ({ protocol, fromPort: port, toPort: port, sourceGroupId }));
}

function protocolsOf(protocol: string): string[] {
  return protocol === 'TCP_UDP' ? ['tcp', 'udp'] : [protocol === 'UDP' ? 'udp' : 'tcp'];
}
