import { describe, expect, it } from 'vitest';
import { kindActions } from '../../../providers/aws/permissions/kind-actions.ts';
import { awsPermissions } from '../../../providers/aws/permissions.ts';
import { type DesiredResource, ref } from '../../../src/cloud/resource.ts';

const clusterName = 'demo.example.com';

const desired: DesiredResource[] = [
  { kind: 'VPC', name: clusterName, attributes: {} },
  { kind: 'Subnet', name: 'a', attributes: { vpcId: 'vpc-0123456789abcdef0' } },
  { kind: 'SecurityGroupRule', name: 'r', attributes: { groupId: 'sg-0123456789abcdef0' } },
  { kind: 'IAMRole', name: 'masters', attributes: { roleName: `masters.${clusterName}` } },
  {
    kind: 'IAMRolePolicy',
    name: 'masters',
    attributes: { roleName: ref('IAMRole', `masters.${clusterName}`), policyDocument: '{"Version":"2012-10-17","Statement":[{"Sid":"one"}]}' },
  },
  {
    kind: 'IAMRolePolicy',
    name: 'additional.masters',
    attributes: { roleName: ref('IAMRole', `masters.${clusterName}`), policyDocument: '{"Version":"2012-10-17","Statement":[{"Sid":"two"}]}' },
  },
  { kind: 'IAMInstanceProfile', name: 'masters', attributes: { instanceProfileName: `masters.${clusterName}` } },
  { kind: 'AutoscalingGroup', name: 'g', attributes: { autoScalingGroupName: `nodes.${clusterName}` } },
  {
    kind: 'LaunchTemplate',
    name: 'g',
    attributes: { blockDeviceMappings: [{ ebs: { kmsKeyId: 'arn:aws:kms:us-east-1:1:key/k' } }], iamInstanceProfileName: ref('IAMInstanceProfile', 'masters') },
  },
  { kind: 'NetworkLoadBalancer', name: 'api', attributes: { loadBalancerName: 'api-demo-123456' } },
  { kind: 'NetworkLoadBalancerListener', name: 'api', attributes: {} },
  { kind: 'ManagedFile', name: 'f', attributes: { bucket: 'state', key: 'k' } },
];

const request = { clusterName, region: 'us-east-1', facts: {}, stateStore: 's3://state/clusters', desired };

interface Statement {
  Action: string[];
  Resource: string[];
  Condition?: unknown;
}
const statements = (more: Partial<typeof request> = {}) => (awsPermissions('operator', { ...request, ...more }) as { Statement: Statement[] }).Statement;
const allowing = (action: string, more?: Partial<typeof request>) =>
  statements(more)
    .filter(({ Action }) => Action.includes(action))
    .map(({ Resource, Condition }) => [Resource, Condition]);

const owned = { StringEquals: { 'aws:ResourceTag/KubernetesCluster': clusterName } };
const labelled = { StringEquals: { 'aws:RequestTag/KubernetesCluster': clusterName } };

describe('the policy of an operator', () => {
  it('has what the kinds of this cluster need and no other kind', () => {
    expect(allowing('ec2:DeleteVpc')).toHaveLength(2);
    expect(allowing('ec2:DeleteVpc', { desired: [] })).toEqual([]);
    expect(allowing('sqs:CreateQueue')).toEqual([]);
    expect(
      statements()
        .flatMap(({ Action }) => Action)
        .filter((action) => action.includes('*')),
    ).toEqual([]);
  });

  it('launches what its groups launch, tagged, and spot instances where groups mix them in', () => {
    const creating = allowing('ec2:CreateTags').flatMap(
      ([, condition]) => (condition as { StringEquals: Record<string, string[]> } | undefined)?.StringEquals['ec2:CreateAction'] ?? [],
    );
    expect(creating).toContain('RunInstances');
    const linked = (attributes: Record<string, string[]>) =>
      allowing('iam:CreateServiceLinkedRole', { desired: [{ kind: 'AutoscalingGroup', name: 'g', attributes: { autoScalingGroupName: 'g', ...attributes } }] }).flatMap(
        ([arns]) => arns,
      );
    expect(linked({})).not.toContainEqual(expect.stringContaining('spot.amazonaws.com'));
    expect(linked({ overrideInstanceTypes: ['m5.large', 'm5a.large'] })).toContainEqual(expect.stringContaining('spot.amazonaws.com'));
  });

  it('makes only what carries the tag of the cluster, within networks that may be shared', () => {
    expect(allowing('ec2:CreateSubnet')).toEqual([
      [
        ['arn:aws:ec2:us-east-1:*:launch-template/*', 'arn:aws:ec2:us-east-1:*:security-group-rule/*', 'arn:aws:ec2:us-east-1:*:subnet/*', 'arn:aws:ec2:us-east-1:*:vpc/*'],
        labelled,
      ],
      [['arn:aws:ec2:us-east-1:*:vpc/*'], undefined],
    ]);
    expect(allowing('elasticloadbalancing:CreateLoadBalancer')).toEqual([[['arn:aws:elasticloadbalancing:us-east-1:*:loadbalancer/net/*'], labelled]]);
  });

  it('changes only what carries the tag, and shared things by their ids', () => {
    expect(allowing('ec2:DeleteSubnet')).toEqual([
      [['arn:aws:ec2:us-east-1:*:*/*'], owned],
      [['arn:aws:ec2:us-east-1:*:security-group/sg-0123456789abcdef0', 'arn:aws:ec2:us-east-1:*:vpc/vpc-0123456789abcdef0'], undefined],
    ]);
  });

  it('names what has a name: groups, roles, listeners, keys, the bucket', () => {
    expect(allowing('autoscaling:DeleteAutoScalingGroup')).toEqual([[[`arn:aws:autoscaling:us-east-1:*:autoScalingGroup:*:autoScalingGroupName/*.${clusterName}`], undefined]]);
    expect(allowing('iam:PassRole')).toEqual([[[`arn:aws:iam::*:role/*.${clusterName}`], { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } }]]);
    expect(allowing('elasticloadbalancing:DeleteListener')).toEqual([[['arn:aws:elasticloadbalancing:us-east-1:*:listener/net/api-demo-123456/*'], undefined]]);
    expect(allowing('kms:CreateGrant')).toEqual([[['arn:aws:kms:us-east-1:1:key/k'], undefined]]);
    expect(allowing('s3:PutObject')).toEqual([[['arn:aws:s3:::state/clusters/*'], undefined]]);
    expect(allowing('s3:ListBucket')).toEqual([[['arn:aws:s3:::state'], undefined]]);
  });

  it('knows the account and the partition where they were looked up', () => {
    expect(allowing('ec2:CreateVpc', { facts: { account: { id: '123456789012', partition: 'aws-cn' } } } as Partial<typeof request>)).toEqual([
      [['launch-template', 'security-group-rule', 'subnet', 'vpc'].map((type) => `arn:aws-cn:ec2:us-east-1:123456789012:${type}/*`), labelled],
    ]);
  });

  it('comes in documents that AWS takes, with the same statements', () => {
    const many = Array.from({ length: 80 }, (_, i) => ({ kind: 'SQSQueue', name: `q${i}`, attributes: { queueName: `queue-of-a-cluster-with-a-long-name-${i}` } }));
    const documents = awsPermissions('operator', { ...request, desired: [...desired, ...many], split: true }) as { Statement: object[] }[];
    expect(documents.length).toBeGreaterThan(1);
    expect(documents.flatMap(({ Statement }) => Statement)).toEqual(statements({ desired: [...desired, ...many] }));
    expect(documents.filter(({ Statement }) => Statement.length > 1 && JSON.stringify({ Version: '2012-10-17', Statement }).length > 6144)).toEqual([]);
  });

  it('has actions for every kind, each with its service', () => {
    const all = Object.values(kindActions).flatMap(({ read, make = [], change = [], named = [] }) => [...read, ...make, ...change, ...named]);
    expect(all.filter((action) => !/^(ec2|autoscaling|elasticloadbalancing|iam|route53|sqs|events):[A-Z][A-Za-z0-9]+$/.test(action))).toEqual([]);
  });
});

describe('the policy of machines', () => {
  it('is what the model gives to their role, all of it', () => {
    expect(awsPermissions('control-plane', request)).toEqual({ Version: '2012-10-17', Statement: [{ Sid: 'one' }, { Sid: 'two' }] });
    expect(() => awsPermissions('node', request)).toThrow(/have no policy made by kops-ts/);
  });
});
