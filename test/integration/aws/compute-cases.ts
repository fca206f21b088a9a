import type { AwsKindName } from '../../../providers/aws/attributes.ts';
import { contentHash } from '../../../providers/aws/model/documents.ts';
import { autoscalingGroup } from '../../../providers/aws/resources/autoscaling-group.ts';
import { autoscalingLifecycleHook } from '../../../providers/aws/resources/autoscaling-lifecycle-hook.ts';
import type { AwsKind } from '../../../providers/aws/resources/aws-kind.ts';
import { dnsRecord } from '../../../providers/aws/resources/dns-record.ts';
import { eventBridgeRule } from '../../../providers/aws/resources/event-bridge-rule.ts';
import { eventBridgeTarget } from '../../../providers/aws/resources/event-bridge-target.ts';
import { hostedZoneAssociation } from '../../../providers/aws/resources/hosted-zone-association.ts';
import { iamInstanceProfile } from '../../../providers/aws/resources/iam-instance-profile.ts';
import { iamOidcProvider } from '../../../providers/aws/resources/iam-oidc-provider.ts';
import { iamRole } from '../../../providers/aws/resources/iam-role.ts';
import { iamRolePolicy } from '../../../providers/aws/resources/iam-role-policy.ts';
import { iamRolePolicyAttachment } from '../../../providers/aws/resources/iam-role-policy-attachment.ts';
import { launchTemplate } from '../../../providers/aws/resources/launch-template.ts';
import { documentContents, managedFile } from '../../../providers/aws/resources/managed-file.ts';
import { networkLoadBalancer } from '../../../providers/aws/resources/network-load-balancer.ts';
import { networkLoadBalancerListener } from '../../../providers/aws/resources/network-load-balancer-listener.ts';
import { sqsQueue } from '../../../providers/aws/resources/sqs-queue.ts';
import { targetGroup } from '../../../providers/aws/resources/target-group.ts';
import { canonicalJson } from '../../../src/lib/json.ts';
import { type AwsWorld, bucket, cluster, ownTags } from './compute-world.ts';
import { type Attributes, type KindCase, kindCase, make, more } from './kind-case.ts';

export const caseNames: AwsKindName[] = [
  'IAMRole',
  'IAMRolePolicy',
  'IAMRolePolicyAttachment',
  'IAMInstanceProfile',
  'IAMOIDCProvider',
  'LaunchTemplate',
  'AutoscalingGroup',
  'AutoscalingLifecycleHook',
  'NetworkLoadBalancer',
  'TargetGroup',
  'NetworkLoadBalancerListener',
  'DNSRecord',
  'HostedZoneAssociation',
  'SQSQueue',
  'EventBridgeRule',
  'EventBridgeTarget',
  'ManagedFile',
];

const trust = (service: string) => canonicalJson({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }] });
const policy = (action: string) => canonicalJson({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] });

export async function kindCases(world: AwsWorld): Promise<Record<string, KindCase>> {
  const all = [...(await iamCases(world)), ...(await groupCases(world)), ...(await balancerCases(world)), ...dnsCases(world), ...(await eventCases(world)), fileCase()];
  return Object.fromEntries(all.map((one) => [one.resource.kind, one]));
}

async function iamCases(world: AwsWorld): Promise<KindCase[]> {
  const role = (name: string): Attributes<'IAMRole'> => ({ roleName: name, assumeRolePolicy: trust('ec2.amazonaws.com'), tags: ownTags(name) });
  const boundary = (name: string) => `arn:aws:iam::123456789012:policy/${name}`;
  const iam = await world.aws.service('iam');
  const other = await iam.createPolicy({ PolicyName: 'other', PolicyDocument: policy('s3:GetObject') });
  const [nodes, masters] = [`nodes.${cluster}`, `masters.${cluster}`];
  await make(world, iamRole, nodes, role(nodes));
  await make(world, iamRole, masters, role(masters));
  const bastions = `bastions.${cluster}`;
  return [
    kindCase(iamRole, bastions, role(bastions), [
      { assumeRolePolicy: trust('ec2.amazonaws.com.cn') },
      { permissionsBoundary: boundary('first') },
      { permissionsBoundary: boundary('second') },
      { permissionsBoundary: undefined },
      { tags: { ...ownTags(bastions), ...more } },
      { tags: ownTags(bastions) },
    ]),
    kindCase(iamRolePolicy, nodes, { policyName: nodes, roleName: nodes, policyDocument: policy('ec2:DescribeRegions') }, [{ policyDocument: policy('ec2:DescribeInstances') }]),
    kindCase(iamRolePolicyAttachment, `${nodes}:${other.Policy?.Arn}`, { roleName: nodes, policyArn: other.Policy?.Arn ?? '' }),
    kindCase(iamInstanceProfile, nodes, { instanceProfileName: nodes, roleName: nodes, tags: ownTags(nodes) }, [{ roleName: masters }, { tags: { ...ownTags(nodes), ...more } }]),
    kindCase(
      iamOidcProvider,
      cluster,
      { url: `https://oidc.example.com/${cluster}`, clientIdList: ['amazonaws.com'], thumbprintList: ['9e99a48a9960b14926bb7f3b02e22da2b0ab7280'], tags: ownTags(cluster) },
      [{ thumbprintList: ['a9d53002e97e00e043244f3d170d6f4c414104fd', '9e99a48a9960b14926bb7f3b02e22da2b0ab7280'] }, { tags: { ...ownTags(cluster), ...more } }],
    ),
  ];
}

function template(world: AwsWorld, name: string): Attributes<'LaunchTemplate'> {
  return {
    launchTemplateName: name,
    imageId: 'ami-12c6146b',
    instanceType: 't3.medium',
    iamInstanceProfileName: `nodes.${cluster}`,
    blockDeviceMappings: [{ deviceName: '/dev/xvda', ebs: { volumeSize: 32, volumeType: 'gp3', iops: 3000, throughput: 125, encrypted: true, deleteOnTermination: true } }],
    metadataOptions: { httpEndpoint: 'enabled', httpProtocolIpv6: 'disabled', httpPutResponseHopLimit: 1, httpTokens: 'required' },
    monitoring: false,
    networkInterface: { associatePublicIpAddress: true, ipv6AddressCount: 0, deleteOnTermination: true, securityGroupIds: [world.securityGroupIds[1] ?? ''] },
    tags: { ...ownTags(name), 'kops.k8s.io/instancegroup': 'nodes' },
    userData: '#!/bin/sh\necho one\n',
  };
}

async function groupCases(world: AwsWorld): Promise<KindCase[]> {
  const { subnetIds, securityGroupIds, vpcId } = world;
  const [name, other] = [`nodes.${cluster}`, `other.${cluster}`];
  const wanted = template(world, name);
  const { networkInterface } = wanted;
  const base = await make(world, launchTemplate, other, template(world, other));
  const arns = await Promise.all(['tcp-demo', 'tls-demo'].map(async (group) => (await make(world, targetGroup, group, targets(vpcId, group))).arn ?? ''));
  const group: Attributes<'AutoscalingGroup'> = {
    autoScalingGroupName: name,
    launchTemplate: { id: base.id ?? '', version: '1' },
    minSize: 1,
    maxSize: 2,
    maxInstanceLifetime: 0,
    newInstancesProtectedFromScaleIn: false,
    subnetIds: subnetIds.slice(0, 2),
    loadBalancerNames: [],
    targetGroupArns: [],
    suspendedProcesses: [],
    enabledMetrics: ['GroupDesiredCapacity', 'GroupMaxSize'],
    metricsGranularity: '1Minute',
    tags: { ...ownTags(name), 'kops.k8s.io/instancegroup': 'nodes' },
  };
  await make(world, autoscalingGroup, other, { ...group, autoScalingGroupName: other, minSize: 0, tags: { ...ownTags(other), 'kops.k8s.io/instancegroup': 'other' } });
  const hook: Attributes<'AutoscalingLifecycleHook'> = {
    autoScalingGroupName: other,
    lifecycleHookName: 'kops-warmpool',
    lifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
    defaultResult: 'ABANDON',
    heartbeatTimeout: 600,
  };
  return [
    kindCase(launchTemplate, name, wanted, [
      { imageId: 'ami-0b301ce3ce3475129' },
      { instanceType: 'm5.large', userData: '#!/bin/sh\necho two\n' },
      { keyName: 'kubernetes.demo-aa:bb' },
      { keyName: undefined },
      { marketOptions: { marketType: 'spot', maxPrice: '0.1' } },
      { marketOptions: undefined },
      {
        blockDeviceMappings: [
          { deviceName: '/dev/xvda', ebs: { volumeSize: 64, volumeType: 'gp2', encrypted: true, deleteOnTermination: true } },
          { deviceName: '/dev/sdc', virtualName: 'ephemeral0' },
        ],
      },
      { creditSpecification: { cpuCredits: 'unlimited' }, ebsOptimized: true, placementTenancy: 'dedicated' },
      { metadataOptions: { ...wanted.metadataOptions, httpTokens: 'optional', httpPutResponseHopLimit: 3 } },
      { monitoring: true },
      { networkInterface: { ...networkInterface, associatePublicIpAddress: false, securityGroupIds } },
      { iamInstanceProfileName: 'mine' },
      { tags: { ...wanted.tags, ...more } },
    ]),
    kindCase(
      autoscalingGroup,
      name,
      group,
      [
        { enabledMetrics: ['GroupDesiredCapacity', 'GroupMaxSize', 'GroupMinSize'] },
        { minSize: 2, maxSize: 4 },
        { launchTemplate: { id: base.id ?? '', version: '$Latest' } },
        { subnetIds: [...subnetIds].reverse() },
        { newInstancesProtectedFromScaleIn: true },
        { targetGroupArns: arns },
        { targetGroupArns: arns.slice(1) },
        { suspendedProcesses: ['AZRebalance', 'Launch'] },
        { suspendedProcesses: ['AZRebalance'] },
        { warmPool: { minSize: 1, maxGroupPreparedCapacity: 3 } },
        { warmPool: { minSize: 0 } },
        { warmPool: undefined },
        {
          overrideInstanceTypes: ['m5.large', 't3.medium'],
          onDemandBaseCapacity: 1,
          onDemandPercentageAboveBaseCapacity: 20,
          spotAllocationStrategy: 'price-capacity-optimized',
          spotMaxPrice: '0.2',
        },
        { overrideInstanceTypes: ['m5.xlarge'], spotMaxPrice: '' },
        { tags: { ...group.tags, ...more } },
        { tags: group.tags },
      ],
      ['enabledMetrics'],
    ),
    kindCase(autoscalingLifecycleHook, 'kops-warmpool-other', hook, [{ heartbeatTimeout: 900, defaultResult: 'CONTINUE' }]),
  ];
}

function targets(vpcId: string, name: string): Attributes<'TargetGroup'> {
  const healthCheck = { protocol: 'TCP', intervalSeconds: 10, healthyThresholdCount: 2, unhealthyThresholdCount: 2 };
  return { targetGroupName: name, vpcId, port: 443, protocol: 'TCP', healthCheck, deregistrationDelaySeconds: 30, connectionTermination: true, tags: ownTags(name) };
}

function balancer({ subnetIds, securityGroupIds }: AwsWorld, name: string): Attributes<'NetworkLoadBalancer'> {
  const subnetMappings = subnetIds.slice(0, 2).map((subnetId) => ({ subnetId }));
  return {
    loadBalancerName: name,
    scheme: 'internet-facing',
    crossZone: false,
    subnetMappings,
    securityGroupIds: securityGroupIds.slice(0, 1),
    tags: ownTags(`${name}.${cluster}`),
  };
}

async function balancerCases(world: AwsWorld): Promise<KindCase[]> {
  const { subnetIds, securityGroupIds, vpcId } = world;
  const wanted = balancer(world, 'api');
  const group = targets(vpcId, 'bastion-demo');
  const other = await make(world, networkLoadBalancer, `bastion.${cluster}`, balancer(world, 'bastion'));
  const [first = '', second = ''] = await Promise.all(['one-demo', 'two-demo'].map(async (name) => (await make(world, targetGroup, name, targets(vpcId, name))).arn));
  return [
    kindCase(
      networkLoadBalancer,
      `api.${cluster}`,
      wanted,
      [
        { crossZone: true },
        { securityGroupIds },
        { subnetMappings: subnetIds.map((subnetId) => ({ subnetId })) },
        { ipAddressType: 'dualstack' },
        { accessLog: { bucket, bucketPrefix: 'logs' } },
        { accessLog: undefined },
        { tags: { ...wanted.tags, ...more } },
        { tags: wanted.tags },
      ],
      ['ipAddressType'],
    ),
    kindCase(
      targetGroup,
      'bastion-demo',
      group,
      [
        { healthCheck: { ...group.healthCheck, port: '3990', intervalSeconds: 30 } },
        { deregistrationDelaySeconds: 60, connectionTermination: false },
        { preserveClientIp: false },
        { tags: { ...group.tags, ...more } },
      ],
      ['preserveClientIp'],
    ),
    kindCase(networkLoadBalancerListener, `bastion.${cluster}-22`, { loadBalancerArn: other.id ?? '', port: 22, protocol: 'TCP', targetGroupArn: first }, [
      { targetGroupArn: second },
    ]),
  ];
}

function dnsCases({ publicZoneId, privateZoneId, vpcId }: AwsWorld): KindCase[] {
  const alias = (dnsName: string) => ({ dnsName, hostedZoneId: 'Z26RNL4JYFTOTI' });
  return [
    kindCase(dnsRecord, `api.${cluster}-AAAA`, { hostedZoneId: publicZoneId, recordName: `api.${cluster}`, type: 'AAAA', alias: alias('api-1.elb.us-east-1.amazonaws.com') }, [
      { alias: alias('api-2.elb.us-east-1.amazonaws.com') },
    ]),
    kindCase(hostedZoneAssociation, 'example.com', { hostedZoneId: privateZoneId, vpcId }),
  ];
}

async function eventCases(world: AwsWorld): Promise<KindCase[]> {
  const queue = (name: string): Attributes<'SQSQueue'> => ({ queueName: name, messageRetentionPeriod: 300, policy: policy('sqs:SendMessage'), tags: ownTags(name) });
  const rule = (name: string): Attributes<'EventBridgeRule'> => ({ ruleName: name, eventPattern: canonicalJson({ source: ['aws.ec2'] }), tags: ownTags(name) });
  const [name, other] = ['demo-example-com-nth', 'demo-example-com-karpenter'];
  const [state, spot] = [`${cluster}-InstanceStateChange`, `${cluster}-SpotInterruption`];
  await make(world, sqsQueue, other, queue(other));
  await make(world, eventBridgeRule, spot, rule(spot));
  return [
    kindCase(sqsQueue, name, queue(name), [{ messageRetentionPeriod: 600 }, { policy: policy('sqs:ReceiveMessage') }, { tags: { ...ownTags(name), ...more } }]),
    kindCase(eventBridgeRule, state, rule(state), [{ eventPattern: canonicalJson({ source: ['aws.health'] }) }, { tags: { ...ownTags(state), ...more } }]),
    kindCase(eventBridgeTarget, `${spot}-Target`, { ruleName: spot, targetArn: `arn:aws:sqs:us-east-1:123456789012:${other}` }, [
      { targetArn: `arn:aws:sqs:us-east-1:123456789012:${name}` },
    ]),
  ];
}

function fileCase(): KindCase {
  const documents = ['one', 'two'].map((content) => ({ path: 'igconfig/node/nodes/nodeupconfig.yaml', content, roles: [], secret: false }));
  const open = () => managedFile(`s3://${bucket}/clusters/${cluster}`, () => documentContents(documents)) as unknown as AwsKind;
  const name = 'igconfig/node/nodes/nodeupconfig.yaml';
  const attributes = { bucket, key: `clusters/${cluster}/${name}`, sha256: contentHash('one'), secret: false };
  return {
    // What it knows of the bucket it does not know in another process.
    get kind() {
      return open();
    },
    resource: { kind: 'ManagedFile', name, attributes },
    changes: [{ sha256: contentHash('two') }],
  };
}
