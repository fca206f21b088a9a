import type { AwsWorkplace } from './aws-workplace.ts';

type Item = Record<string, unknown>;
type Count = () => Promise<number>;

/** How many of each kind the AWS CLI finds for a cluster; names of kinds as in plans. */
export async function census(place: AwsWorkplace, cluster: string): Promise<Record<string, number>> {
  const list = async (field: string, ...args: string[]) => (await place.aws<Record<string, Item[]>>(...args))[field] ?? [];
  const tagged = (field: string, command: string, ...more: string[]) => list(field, 'ec2', command, '--filters', `Name=tag:KubernetesCluster,Values=${cluster}`, ...more);
  const length =
    (...args: Parameters<typeof tagged>): Count =>
    async () =>
      (await tagged(...args)).length;
  const ours = (items: readonly Item[], field: string) => items.map((item) => String(item[field])).filter((name) => name.endsWith(cluster));

  const [vpcs, tables, groups, scaling, roles, profiles, balancers, rules] = await Promise.all([
    tagged('Vpcs', 'describe-vpcs'),
    tagged('RouteTables', 'describe-route-tables'),
    tagged('SecurityGroups', 'describe-security-groups'),
    list('AutoScalingGroups', 'autoscaling', 'describe-auto-scaling-groups').then((items) => ours(items, 'AutoScalingGroupName')),
    list('Roles', 'iam', 'list-roles').then((items) => ours(items, 'RoleName')),
    list('InstanceProfiles', 'iam', 'list-instance-profiles').then((items) => ours(items, 'InstanceProfileName')),
    list('LoadBalancers', 'elbv2', 'describe-load-balancers').then((items) => items.map(({ LoadBalancerArn }) => String(LoadBalancerArn))),
    list('Rules', 'events', 'list-rules').then((items) => items.map(({ Name }) => String(Name))),
  ]);
  const groupIds = groups.map(({ GroupId }) => GroupId).join();
  const gateways = ['ec2', 'describe-nat-gateways', '--filter', `Name=tag:KubernetesCluster,Values=${cluster}`, 'Name=state,Values=available,pending'];
  const counts: Record<string, number | Count> = {
    VPC: vpcs.length,
    VPCDHCPOptionsAssociation: vpcs.filter(({ DhcpOptionsId }) => DhcpOptionsId !== 'default').length,
    DHCPOptions: length('DhcpOptions', 'describe-dhcp-options'),
    InternetGateway: length('InternetGateways', 'describe-internet-gateways'),
    Subnet: length('Subnets', 'describe-subnets'),
    RouteTable: tables.length,
    Route: tables.flatMap((table) => (table.Routes as Item[]).filter(({ GatewayId }) => GatewayId !== 'local')).length,
    RouteTableAssociation: tables.flatMap((table) => (table.Associations as Item[]).filter(({ SubnetId }) => SubnetId)).length,
    ElasticIP: length('Addresses', 'describe-addresses'),
    NatGateway: async () => (await list('NatGateways', ...gateways)).length,
    SecurityGroup: groups.length,
    SecurityGroupRule: async () =>
      groupIds === '' ? 0 : (await list('SecurityGroupRules', 'ec2', 'describe-security-group-rules', '--filters', `Name=group-id,Values=${groupIds}`)).length,
    IAMRole: roles.length,
    IAMRolePolicy: each(roles, (role) => list('PolicyNames', 'iam', 'list-role-policies', '--role-name', role)),
    IAMInstanceProfile: profiles.length,
    EBSVolume: length('Volumes', 'describe-volumes', 'Name=status,Values=available,in-use'),
    LaunchTemplate: length('LaunchTemplates', 'describe-launch-templates'),
    AutoscalingGroup: scaling.length,
    AutoscalingLifecycleHook: each(scaling, (group) => list('LifecycleHooks', 'autoscaling', 'describe-lifecycle-hooks', '--auto-scaling-group-name', group)),
    NetworkLoadBalancer: balancers.length,
    NetworkLoadBalancerListener: each(balancers, (arn) => list('Listeners', 'elbv2', 'describe-listeners', '--load-balancer-arn', arn)),
    TargetGroup: async () => (await list('TargetGroups', 'elbv2', 'describe-target-groups')).length,
    SQSQueue: async () => (await list('QueueUrls', 'sqs', 'list-queues')).length,
    EventBridgeRule: rules.length,
    EventBridgeTarget: each(rules, (rule) => list('Targets', 'events', 'list-targets-by-rule', '--rule', rule)),
    KeyPair: length('KeyPairs', 'describe-key-pairs'),
    instances: async () =>
      (await tagged('Reservations', 'describe-instances', 'Name=instance-state-name,Values=pending,running')).flatMap(({ Instances }) => Instances as Item[]).length,
  };
  const known = await Promise.all(Object.entries(counts).map(async ([kind, count]) => [kind, typeof count === 'number' ? count : await count()] as const));
  return Object.fromEntries(known.filter(([, count]) => count > 0));
}

/** How many there are in all. */
function each(names: readonly string[], list: (name: string) => Promise<Item[]>): Count {
  return async () => (await Promise.all(names.map(list))).flat().length;
}
