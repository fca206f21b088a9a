import type { AwsKindName } from '../attributes.ts';

/** Which actions kops-ts needs for one kind of resource, and on what AWS lets them be limited. */
export interface KindActions {
  /** Lists and look-ups, which AWS allows on everything or not at all. */
  read: readonly string[];
  /** Calls that make a resource of this type with the cluster's tag on it. */
  make?: readonly string[];
  /** The type that is made, in ARNs: `subnet`, `loadbalancer/net`. */
  type?: string;
  /** Types that the making call names beside: `vpc`. */
  within?: readonly string[];
  /** Of the changing calls, those that name parts without tags of what carries it: the rules that AWS gives to a new group. */
  parts?: { change: readonly string[]; types: readonly string[] };
  /** Calls on what carries the cluster's tag. */
  change?: readonly string[];
  /** Calls on what has a name of its own. */
  named?: readonly string[];
}

/** Prefixes `ec2:` to words with commas between them. */
const actions = (service: string, ...lines: string[]) => lines.flatMap((line) => line.split(',')).map((action) => `${service}:${action}`);
const ec2 = (...lines: string[]) => actions('ec2', ...lines);
const elb = (...lines: string[]) => actions('elasticloadbalancing', ...lines);
const iam = (...lines: string[]) => actions('iam', ...lines);

/** By kind; what goes with a cluster although no spec names it (`strays`) is the last. */
export const kindActions: Readonly<Record<AwsKindName | 'strays', KindActions>> = {
  VPC: {
    read: ec2('DescribeVpcs,DescribeVpcAttribute'),
    make: ec2('CreateVpc'),
    type: 'vpc',
    change: ec2('ModifyVpcAttribute,AssociateVpcCidrBlock,DisassociateVpcCidrBlock,DeleteVpc'),
  },
  VPCCIDRBlock: { read: ec2('DescribeVpcs'), change: ec2('AssociateVpcCidrBlock,DisassociateVpcCidrBlock') },
  DHCPOptions: { read: ec2('DescribeDhcpOptions'), make: ec2('CreateDhcpOptions'), type: 'dhcp-options', change: ec2('DeleteDhcpOptions') },
  VPCDHCPOptionsAssociation: { read: ec2('DescribeVpcs'), change: ec2('AssociateDhcpOptions') },
  InternetGateway: {
    read: ec2('DescribeInternetGateways'),
    make: ec2('CreateInternetGateway'),
    type: 'internet-gateway',
    change: ec2('AttachInternetGateway,DetachInternetGateway,DeleteInternetGateway'),
  },
  EgressOnlyInternetGateway: {
    read: ec2('DescribeEgressOnlyInternetGateways'),
    make: ec2('CreateEgressOnlyInternetGateway'),
    type: 'egress-only-internet-gateway',
    within: ['vpc'],
    change: ec2('DeleteEgressOnlyInternetGateway'),
  },
  Subnet: {
    read: ec2('DescribeSubnets'),
    make: ec2('CreateSubnet'),
    type: 'subnet',
    within: ['vpc'],
    change: ec2('ModifySubnetAttribute,AssociateSubnetCidrBlock,DisassociateSubnetCidrBlock,DeleteSubnet'),
  },
  RouteTable: { read: ec2('DescribeRouteTables'), make: ec2('CreateRouteTable'), type: 'route-table', within: ['vpc'], change: ec2('DeleteRouteTable') },
  Route: { read: ec2('DescribeRouteTables'), change: ec2('CreateRoute,ReplaceRoute,DeleteRoute') },
  RouteTableAssociation: { read: ec2('DescribeRouteTables'), change: ec2('AssociateRouteTable,ReplaceRouteTableAssociation,DisassociateRouteTable') },
  ElasticIP: { read: ec2('DescribeAddresses'), make: ec2('AllocateAddress'), type: 'elastic-ip', change: ec2('ReleaseAddress') },
  NatGateway: { read: ec2('DescribeNatGateways'), make: ec2('CreateNatGateway'), type: 'natgateway', within: ['subnet', 'elastic-ip'], change: ec2('DeleteNatGateway') },
  SecurityGroup: {
    read: ec2('DescribeSecurityGroups,DescribeNetworkInterfaces'),
    make: ec2('CreateSecurityGroup'),
    type: 'security-group',
    within: ['vpc'],
    change: ec2('DeleteSecurityGroup,RevokeSecurityGroupEgress'),
    parts: { change: ec2('RevokeSecurityGroupEgress,RevokeSecurityGroupIngress'), types: ['security-group-rule'] },
  },
  SecurityGroupRule: {
    read: ec2('DescribeSecurityGroupRules'),
    make: ec2('AuthorizeSecurityGroupIngress,AuthorizeSecurityGroupEgress'),
    type: 'security-group-rule',
    change: ec2('AuthorizeSecurityGroupIngress,AuthorizeSecurityGroupEgress,RevokeSecurityGroupIngress,RevokeSecurityGroupEgress'),
  },
  KeyPair: { read: ec2('DescribeKeyPairs'), make: ec2('ImportKeyPair'), type: 'key-pair', change: ec2('DeleteKeyPair') },
  EBSVolume: { read: ec2('DescribeVolumes,DescribeVolumesModifications'), make: ec2('CreateVolume'), type: 'volume', change: ec2('ModifyVolume,DetachVolume,DeleteVolume') },
  LaunchTemplate: {
    read: ec2('DescribeLaunchTemplates,DescribeLaunchTemplateVersions,DescribeImages'),
    make: ec2('CreateLaunchTemplate'),
    type: 'launch-template',
    change: ec2('CreateLaunchTemplateVersion,ModifyLaunchTemplate,DeleteLaunchTemplateVersions,DeleteLaunchTemplate'),
  },
  AutoscalingGroup: {
    read: [
      ...actions('autoscaling', 'DescribeAutoScalingGroups,DescribeAutoScalingInstances,DescribeScalingActivities,DescribeTags,DescribeWarmPool'),
      ...ec2('DescribeInstances,DescribeInstanceStatus,DescribeInstanceTypes'),
    ],
    named: actions(
      'autoscaling',
      'CreateAutoScalingGroup,UpdateAutoScalingGroup,DeleteAutoScalingGroup,CreateOrUpdateTags,DeleteTags,SuspendProcesses,ResumeProcesses',
      'EnableMetricsCollection,DisableMetricsCollection,PutWarmPool,DeleteWarmPool,AttachTrafficSources,DetachTrafficSources',
      'AttachLoadBalancers,DetachLoadBalancers,AttachLoadBalancerTargetGroups,DetachLoadBalancerTargetGroups',
      'DetachInstances,TerminateInstanceInAutoScalingGroup,SetInstanceProtection',
    ),
    change: ec2('TerminateInstances'),
  },
  AutoscalingLifecycleHook: { read: actions('autoscaling', 'DescribeLifecycleHooks'), named: actions('autoscaling', 'PutLifecycleHook,DeleteLifecycleHook') },
  IAMRole: {
    read: iam('ListRoles'),
    named: iam(
      'GetRole,ListRoleTags,ListRolePolicies,GetRolePolicy,ListAttachedRolePolicies,ListInstanceProfilesForRole',
      'CreateRole,UpdateAssumeRolePolicy,PutRolePermissionsBoundary,DeleteRolePermissionsBoundary,TagRole,UntagRole,DeleteRole',
    ),
  },
  IAMRolePolicy: { read: [], named: iam('PutRolePolicy,DeleteRolePolicy') },
  IAMRolePolicyAttachment: { read: [], named: iam('AttachRolePolicy,DetachRolePolicy') },
  IAMInstanceProfile: {
    read: iam('ListInstanceProfiles'),
    named: iam('GetInstanceProfile,CreateInstanceProfile,AddRoleToInstanceProfile,RemoveRoleFromInstanceProfile,TagInstanceProfile,UntagInstanceProfile,DeleteInstanceProfile'),
  },
  IAMOIDCProvider: {
    read: iam('ListOpenIDConnectProviders'),
    named: iam(
      'GetOpenIDConnectProvider,CreateOpenIDConnectProvider,UpdateOpenIDConnectProviderThumbprint,AddClientIDToOpenIDConnectProvider,RemoveClientIDFromOpenIDConnectProvider',
      'TagOpenIDConnectProvider,UntagOpenIDConnectProvider,ListOpenIDConnectProviderTags,DeleteOpenIDConnectProvider',
    ),
  },
  NetworkLoadBalancer: {
    read: elb('DescribeLoadBalancers,DescribeLoadBalancerAttributes,DescribeTags'),
    make: elb('CreateLoadBalancer'),
    type: 'loadbalancer/net',
    change: elb('ModifyLoadBalancerAttributes,SetSecurityGroups,SetSubnets,SetIpAddressType,DeleteLoadBalancer'),
  },
  NetworkLoadBalancerListener: {
    read: elb('DescribeListeners,DescribeListenerCertificates'),
    change: elb('CreateListener'),
    named: elb('ModifyListener,DeleteListener,AddListenerCertificates,RemoveListenerCertificates'),
  },
  TargetGroup: {
    read: elb('DescribeTargetGroups,DescribeTargetGroupAttributes,DescribeTargetHealth'),
    make: elb('CreateTargetGroup'),
    type: 'targetgroup',
    change: elb('ModifyTargetGroup,ModifyTargetGroupAttributes,RegisterTargets,DeregisterTargets,DeleteTargetGroup'),
  },
  DNSRecord: { read: actions('route53', 'ListHostedZones,ListHostedZonesByName'), named: actions('route53', 'GetHostedZone,ListResourceRecordSets,ChangeResourceRecordSets') },
  HostedZoneAssociation: {
    read: actions('route53', 'ListHostedZones,ListHostedZonesByVPC'),
    named: actions('route53', 'GetHostedZone,AssociateVPCWithHostedZone,DisassociateVPCFromHostedZone'),
  },
  SQSQueue: {
    read: actions('sqs', 'ListQueues'),
    named: actions('sqs', 'CreateQueue,GetQueueUrl,GetQueueAttributes,SetQueueAttributes,ListQueueTags,TagQueue,UntagQueue,DeleteQueue'),
  },
  EventBridgeRule: {
    read: actions('events', 'ListRules'),
    named: actions('events', 'DescribeRule,PutRule,ListTagsForResource,TagResource,UntagResource,DeleteRule'),
  },
  EventBridgeTarget: { read: [], named: actions('events', 'ListTargetsByRule,PutTargets,RemoveTargets') },
  ManagedFile: { read: [], named: [] },
  strays: {
    read: ec2('DescribeInstances,DescribeNetworkInterfaces,DescribeVolumes,DescribeVpcEndpoints,DescribeVpcPeeringConnections'),
    change: ec2('TerminateInstances,DeleteNetworkInterface,DeleteVolume'),
  },
};

/** What completes a spec: who asks, which zones, types and images there are. */
export const lookUpActions: readonly string[] = [
  ...actions('sts', 'GetCallerIdentity'),
  ...ec2('DescribeAvailabilityZones,DescribeImages,DescribeInstanceTypes,DescribeInstanceTypeOfferings,DescribeVpcs,DescribeSubnets,DescribeNatGateways,DescribeRouteTables'),
  ...actions('route53', 'ListHostedZonesByName'),
];

/** On the bucket that holds the state, and on the objects in it. */
export const bucketActions: readonly string[] = actions('s3', 'ListBucket,GetBucketLocation,GetBucketVersioning,GetEncryptionConfiguration');
export const objectActions: readonly string[] = actions('s3', 'GetObject,PutObject,DeleteObject');
