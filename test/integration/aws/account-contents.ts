import type { AwsApi } from '../../../providers/aws/api/clients.ts';
import type { AwsKindName } from '../../../providers/aws/attributes.ts';
import { bucket } from './compute-world.ts';

type Ids = readonly (string | undefined)[] | undefined;
type Look = (aws: AwsApi) => Promise<Ids>;

/** Everything of a kind that there is in an account, whether it has anybody's tags or not. */
export async function contentsOfAccount(aws: AwsApi, kind: AwsKindName): Promise<string[]> {
  return ((await looks[kind](aws)) ?? []).map(String);
}

async function vpcs(aws: AwsApi) {
  return (await (await aws.service('ec2')).describeVpcs({})).Vpcs ?? [];
}

async function routeTables(aws: AwsApi) {
  return (await (await aws.service('ec2')).describeRouteTables({})).RouteTables ?? [];
}

async function subnets(aws: AwsApi) {
  return (await (await aws.service('ec2')).describeSubnets({})).Subnets ?? [];
}

async function roleNames(aws: AwsApi): Promise<string[]> {
  return ((await (await aws.service('iam')).listRoles({})).Roles ?? []).flatMap(({ RoleName }) => RoleName ?? []);
}

async function inEachRole(aws: AwsApi, list: (RoleName: string) => Promise<Ids>): Promise<Ids> {
  return (await Promise.all((await roleNames(aws)).map(list))).flatMap((ids) => ids ?? []);
}

const looks: Readonly<Record<AwsKindName, Look>> = {
  VPC: async (aws) => (await vpcs(aws)).flatMap(({ VpcId, Ipv6CidrBlockAssociationSet = [] }) => [VpcId, ...Ipv6CidrBlockAssociationSet.map(({ AssociationId }) => AssociationId)]),
  VPCCIDRBlock: async (aws) =>
    (await vpcs(aws)).flatMap(({ CidrBlockAssociationSet = [] }) =>
      CidrBlockAssociationSet.filter(({ CidrBlockState }) => CidrBlockState?.State === 'associated').map(({ AssociationId }) => AssociationId),
    ),
  DHCPOptions: async (aws) => (await (await aws.service('ec2')).describeDhcpOptions({})).DhcpOptions?.map(({ DhcpOptionsId }) => DhcpOptionsId),
  VPCDHCPOptionsAssociation: async (aws) => (await vpcs(aws)).flatMap(({ DhcpOptionsId }) => (DhcpOptionsId === undefined || DhcpOptionsId === 'default' ? [] : [DhcpOptionsId])),
  InternetGateway: async (aws) =>
    (await (await aws.service('ec2')).describeInternetGateways({})).InternetGateways?.flatMap(({ InternetGatewayId, Attachments = [] }) => [
      InternetGatewayId,
      ...Attachments.map(({ VpcId }) => VpcId),
    ]),
  EgressOnlyInternetGateway: async (aws) =>
    (await (await aws.service('ec2')).describeEgressOnlyInternetGateways({})).EgressOnlyInternetGateways?.map(({ EgressOnlyInternetGatewayId: id }) => id),
  Subnet: async (aws) =>
    (await subnets(aws)).flatMap(({ SubnetId, Ipv6CidrBlockAssociationSet = [] }) => [
      SubnetId,
      ...Ipv6CidrBlockAssociationSet.filter(({ Ipv6CidrBlockState }) => Ipv6CidrBlockState?.State === 'associated').map(({ AssociationId }) => AssociationId),
    ]),
  RouteTable: async (aws) => (await routeTables(aws)).map(({ RouteTableId }) => RouteTableId),
  RouteTableAssociation: async (aws) => (await routeTables(aws)).flatMap(({ Associations = [] }) => Associations.map(({ RouteTableAssociationId: id }) => id)),
  Route: async (aws) =>
    (await routeTables(aws)).flatMap(({ RouteTableId, Routes = [] }) =>
      Routes.map(({ DestinationCidrBlock, DestinationIpv6CidrBlock }) => `${RouteTableId} ${DestinationCidrBlock ?? DestinationIpv6CidrBlock}`),
    ),
  ElasticIP: async (aws) => (await (await aws.service('ec2')).describeAddresses({})).Addresses?.map(({ AllocationId }) => AllocationId),
  NatGateway: async (aws) =>
    (await (await aws.service('ec2')).describeNatGateways({ Filter: [{ Name: 'state', Values: ['pending', 'available'] }] })).NatGateways?.map(({ NatGatewayId: id }) => id),
  SecurityGroup: async (aws) => (await (await aws.service('ec2')).describeSecurityGroups({})).SecurityGroups?.map(({ GroupId }) => GroupId),
  SecurityGroupRule: async (aws) => (await (await aws.service('ec2')).describeSecurityGroupRules({})).SecurityGroupRules?.map(({ SecurityGroupRuleId: id }) => id),
  KeyPair: async (aws) => (await (await aws.service('ec2')).describeKeyPairs({})).KeyPairs?.map(({ KeyPairId }) => KeyPairId),
  EBSVolume: async (aws) => (await (await aws.service('ec2')).describeVolumes({})).Volumes?.map(({ VolumeId }) => VolumeId),
  LaunchTemplate: async (aws) => (await (await aws.service('ec2')).describeLaunchTemplates({})).LaunchTemplates?.map(({ LaunchTemplateId: id }) => id),
  /** Groups, and machines that are in none. */
  AutoscalingGroup: async (aws) => {
    const [{ AutoScalingGroups = [] }, { Reservations = [] }] = await Promise.all([
      (await aws.service('autoscaling')).describeAutoScalingGroups({}),
      (await aws.service('ec2')).describeInstances({ Filters: [{ Name: 'instance-state-name', Values: ['running'] }] }),
    ]);
    const members = new Set(AutoScalingGroups.flatMap(({ Instances = [] }) => Instances.map(({ InstanceId }) => InstanceId)));
    const running = Reservations.flatMap(({ Instances = [] }) => Instances.map(({ InstanceId }) => InstanceId));
    return [...AutoScalingGroups.map(({ AutoScalingGroupName: name }) => name), ...running.filter((id) => !members.has(id))];
  },
  AutoscalingLifecycleHook: async (aws) => {
    const autoscaling = await aws.service('autoscaling');
    const { AutoScalingGroups = [] } = await autoscaling.describeAutoScalingGroups({});
    const hooks = await Promise.all(AutoScalingGroups.map(({ AutoScalingGroupName }) => autoscaling.describeLifecycleHooks({ AutoScalingGroupName })));
    return hooks.flatMap(({ LifecycleHooks = [] }) => LifecycleHooks.map(({ LifecycleHookName }) => LifecycleHookName));
  },
  IAMRole: roleNames,
  IAMRolePolicy: async (aws) => {
    const iam = await aws.service('iam');
    return inEachRole(aws, async (RoleName) => (await iam.listRolePolicies({ RoleName })).PolicyNames);
  },
  IAMRolePolicyAttachment: async (aws) => {
    const iam = await aws.service('iam');
    return inEachRole(aws, async (RoleName) => (await iam.listAttachedRolePolicies({ RoleName })).AttachedPolicies?.map(({ PolicyArn }) => PolicyArn));
  },
  IAMInstanceProfile: async (aws) =>
    (await (await aws.service('iam')).listInstanceProfiles({})).InstanceProfiles?.flatMap(({ InstanceProfileName, Roles = [] }) => [
      InstanceProfileName,
      ...Roles.map(({ RoleName }) => RoleName),
    ]),
  IAMOIDCProvider: async (aws) => (await (await aws.service('iam')).listOpenIDConnectProviders({})).OpenIDConnectProviderList?.map(({ Arn }) => Arn),
  NetworkLoadBalancer: async (aws) => (await (await aws.service('elbv2')).describeLoadBalancers({})).LoadBalancers?.map(({ LoadBalancerArn: arn }) => arn),
  TargetGroup: async (aws) => (await (await aws.service('elbv2')).describeTargetGroups({})).TargetGroups?.map(({ TargetGroupArn: arn }) => arn),
  NetworkLoadBalancerListener: async (aws) => {
    const elb = await aws.service('elbv2');
    const { LoadBalancers = [] } = await elb.describeLoadBalancers({});
    const listeners = await Promise.all(LoadBalancers.map(({ LoadBalancerArn }) => elb.describeListeners({ LoadBalancerArn })));
    return listeners.flatMap(({ Listeners = [] }) => Listeners.map(({ ListenerArn }) => ListenerArn));
  },
  DNSRecord: async (aws) => {
    const route53 = await aws.service('route53');
    const { HostedZones = [] } = await route53.listHostedZones({});
    const records = await Promise.all(HostedZones.map(({ Id }) => route53.listResourceRecordSets({ HostedZoneId: Id })));
    return records.flatMap(({ ResourceRecordSets = [] }) => ResourceRecordSets.map(({ Name, Type }) => `${Name} ${Type}`));
  },
  HostedZoneAssociation: async (aws) => {
    const route53 = await aws.service('route53');
    const { HostedZones = [] } = await route53.listHostedZones({});
    const zones = await Promise.all(HostedZones.map(({ Id }) => route53.getHostedZone({ Id })));
    return zones.flatMap(({ VPCs = [] }) => VPCs.map(({ VPCId }) => VPCId));
  },
  SQSQueue: async (aws) => (await (await aws.service('sqs')).listQueues({})).QueueUrls,
  EventBridgeRule: async (aws) => (await (await aws.service('events')).listRules({})).Rules?.map(({ Name }) => Name),
  EventBridgeTarget: async (aws) => {
    const events = await aws.service('events');
    const { Rules = [] } = await events.listRules({});
    const targets = await Promise.all(Rules.map(({ Name }) => events.listTargetsByRule({ Rule: Name })));
    return targets.flatMap(({ Targets = [] }) => Targets.map(({ Id, Arn }) => `${Id} ${Arn}`));
  },
  ManagedFile: async (aws) => (await (await aws.service('s3')).listObjectsV2({ Bucket: bucket })).Contents?.map(({ Key }) => Key),
};
