import { setMaxListeners } from 'node:events';
import type { Phase, ResourceKind } from '../../src/cloud/provider.ts';
import { type ActualResource, resourceKey } from '../../src/cloud/resource.ts';
import type { AwsApi } from './api/clients.ts';
import type { AwsKindName } from './attributes.ts';
import { autoscalingGroup } from './resources/autoscaling-group.ts';
import { autoscalingLifecycleHook } from './resources/autoscaling-lifecycle-hook.ts';
import type { AwsKind, StrayKind } from './resources/aws-kind.ts';
import { dhcpOptions, dhcpOptionsAssociation } from './resources/dhcp-options.ts';
import { dnsRecord } from './resources/dns-record.ts';
import { ebsVolume } from './resources/ebs-volume.ts';
import { elasticIp } from './resources/elastic-ip.ts';
import { eventBridgeRule } from './resources/event-bridge-rule.ts';
import { eventBridgeTarget } from './resources/event-bridge-target.ts';
import { hostedZoneAssociation } from './resources/hosted-zone-association.ts';
import { iamInstanceProfile } from './resources/iam-instance-profile.ts';
import { iamOidcProvider } from './resources/iam-oidc-provider.ts';
import { iamRole } from './resources/iam-role.ts';
import { iamRolePolicy } from './resources/iam-role-policy.ts';
import { iamRolePolicyAttachment } from './resources/iam-role-policy-attachment.ts';
import { egressOnlyInternetGateway, internetGateway } from './resources/internet-gateways.ts';
import { Inventory } from './resources/inventory.ts';
import { keyPair } from './resources/key-pair.ts';
import { launchTemplate } from './resources/launch-template.ts';
import { type DocumentContents, managedFile } from './resources/managed-file.ts';
import { natGateway } from './resources/nat-gateway.ts';
import { networkLoadBalancer } from './resources/network-load-balancer.ts';
import { networkLoadBalancerListener } from './resources/network-load-balancer-listener.ts';
import { resourceKind, strayKind } from './resources/resource-kind.ts';
import { route } from './resources/route.ts';
import { routeTable, routeTableAssociation } from './resources/route-tables.ts';
import { securityGroup } from './resources/security-group.ts';
import { securityGroupRule } from './resources/security-group-rule.ts';
import { sqsQueue } from './resources/sqs-queue.ts';
import { instance, networkInterface } from './resources/strays.ts';
import { subnet } from './resources/subnet.ts';
import { targetGroup } from './resources/target-group.ts';
import { vpc } from './resources/vpc.ts';
import { vpcCidrBlock } from './resources/vpc-cidr-block.ts';

/** In the order of display. */
const kinds = {
  VPC: vpc,
  VPCCIDRBlock: vpcCidrBlock,
  DHCPOptions: dhcpOptions,
  VPCDHCPOptionsAssociation: dhcpOptionsAssociation,
  InternetGateway: internetGateway,
  EgressOnlyInternetGateway: egressOnlyInternetGateway,
  Subnet: subnet,
  RouteTable: routeTable,
  RouteTableAssociation: routeTableAssociation,
  ElasticIP: elasticIp,
  NatGateway: natGateway,
  Route: route,
  SecurityGroup: securityGroup,
  SecurityGroupRule: securityGroupRule,
  IAMRole: iamRole,
  IAMRolePolicy: iamRolePolicy,
  IAMRolePolicyAttachment: iamRolePolicyAttachment,
  IAMInstanceProfile: iamInstanceProfile,
  IAMOIDCProvider: iamOidcProvider,
  KeyPair: keyPair,
  NetworkLoadBalancer: networkLoadBalancer,
  TargetGroup: targetGroup,
  NetworkLoadBalancerListener: networkLoadBalancerListener,
  HostedZoneAssociation: hostedZoneAssociation,
  DNSRecord: dnsRecord,
  EBSVolume: ebsVolume,
  ManagedFile: undefined,
  LaunchTemplate: launchTemplate,
  AutoscalingGroup: autoscalingGroup,
  AutoscalingLifecycleHook: autoscalingLifecycleHook,
  SQSQueue: sqsQueue,
  EventBridgeRule: eventBridgeRule,
  EventBridgeTarget: eventBridgeTarget,
} satisfies { [Kind in AwsKindName]: AwsKind<Kind> | undefined };

/** Whose work a kind is; that of the others is the cluster's. */
const phases: Readonly<Partial<Record<AwsKindName, Phase>>> = {
  VPC: 'network',
  VPCCIDRBlock: 'network',
  DHCPOptions: 'network',
  VPCDHCPOptionsAssociation: 'network',
  InternetGateway: 'network',
  EgressOnlyInternetGateway: 'network',
  Subnet: 'network',
  RouteTable: 'network',
  RouteTableAssociation: 'network',
  ElasticIP: 'network',
  NatGateway: 'network',
  Route: 'network',
  SecurityGroup: 'security',
  SecurityGroupRule: 'security',
  IAMRole: 'security',
  IAMRolePolicy: 'security',
  IAMRolePolicyAttachment: 'security',
  IAMInstanceProfile: 'security',
  IAMOIDCProvider: 'security',
  KeyPair: 'security',
};

const strays: readonly StrayKind[] = [instance, networkInterface];

/** What instances read from the state store's bucket. */
export interface Published {
  /** `s3://bucket/cluster`; absent where nothing is kept in S3. */
  configBase?: string;
  /** What the last model wants to have there. */
  contents(): DocumentContents;
}

export interface AwsKinds {
  kinds: ReadonlyMap<string, ResourceKind>;
  /** Everything the cluster has: the lists share one inventory, so that each question is asked once. */
  inventory(clusterName: string, signal: AbortSignal): Promise<ActualResource[]>;
}

export function awsKinds(aws: AwsApi, { configBase, contents }: Published): AwsKinds {
  const files = managedFile(configBase, contents);
  const all: readonly AwsKind[] = Object.values(kinds).map((kind) => kind ?? files);
  const described = all.map((kind, rank) => resourceKind(aws, kind, rank, phases[kind.kind]));
  const undescribed = strays.map((kind, i) => strayKind(aws, kind, all.length + i));
  return {
    kinds: new Map([...described, ...undescribed].map((kind) => [kind.kind, kind])),
    inventory: async (clusterName, signal) => {
      // Each call listens for the end of all.
      setMaxListeners(0, signal);
      const inventory = new Inventory(aws, clusterName, signal);
      return withOwnNames((await Promise.all([...all, ...strays].map((kind) => kind.list(inventory)))).flat());
    },
  };
}

/** A name tag can be there twice, by somebody's hand or by an interrupted run: the second one is named with its id, and is too much. */
function withOwnNames(resources: readonly ActualResource[]): ActualResource[] {
  const seen = new Set<string>();
  return resources.map((resource) => {
    const key = resourceKey(resource);
    if (seen.has(key)) return { ...resource, name: `${resource.name} (${resource.id})` };
    seen.add(key);
    return resource;
  });
}
