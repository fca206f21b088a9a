import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProxiedCall } from '../integration/aws-proxy.ts';
import { motoMissing } from '../integration/moto.ts';
import { census } from './aws-census.ts';
import { AwsWorkplace, awsCliMissing, highlyAvailable } from './aws-workplace.ts';

const cluster = 'ha.example.com';
/** What kops makes of the same flags: 129 resources beside documents. */
const expected = {
  VPC: 1,
  DHCPOptions: 1,
  VPCDHCPOptionsAssociation: 1,
  InternetGateway: 1,
  Subnet: 6,
  RouteTable: 4,
  Route: 5,
  RouteTableAssociation: 6,
  ElasticIP: 3,
  NatGateway: 3,
  SecurityGroup: 5,
  SecurityGroupRule: 41,
  IAMRole: 3,
  IAMRolePolicy: 2,
  IAMInstanceProfile: 3,
  EBSVolume: 6,
  LaunchTemplate: 7,
  AutoscalingGroup: 7,
  AutoscalingLifecycleHook: 7,
  NetworkLoadBalancer: 2,
  NetworkLoadBalancerListener: 3,
  TargetGroup: 3,
  SQSQueue: 1,
  EventBridgeRule: 4,
  EventBridgeTarget: 4,
};

/** Changes that a second plan shows because the simulated AWS is wrong, each with how. */
const wrongInMoto: [RegExp, string][] = [[/^Subnet\/.* privateDnsNameOptionsOnLaunch|privateDnsHostnameTypeOnLaunch$/, 'HostnameType stays ip-name after resource-name was set']];

/** Each word of the AWS CLI is a Python process of its own. */
const manyAwsCalls = 400_000;

interface Policy {
  Statement: { Sid: string; Action: string[]; Resource: string[]; Condition?: object }[];
}

/** Ids of things that can carry tags. */
const arnTypes: Record<string, string> = { sgr: 'security-group-rule', vpc: 'vpc', subnet: 'subnet', eipalloc: 'elastic-ip' };
const ids = /\b(vpc|dopt|igw|eigw|subnet|rtb|eipalloc|nat|sg|sgr|vol|lt|i)-[0-9a-f]{8,17}\b/g;

const actionOf = ({ service, action }: ProxiedCall) => `${service}:${action}`;

interface Planned {
  action: string;
  kind: string;
  name: string;
  changes?: { field: string }[];
}

describe.skipIf(motoMissing + awsCliMissing !== '')(`a highly available private cluster on AWS${motoMissing}${awsCliMissing}`, () => {
  let place: AwsWorkplace;
  let policy: Policy;
  let tagged: Set<string>;

  beforeAll(async () => {
    place = await AwsWorkplace.open();
  });
  afterAll(() => place?.close());

  async function planned(...more: string[]): Promise<Planned[]> {
    const { stdout } = await place.done('update', 'cluster', cluster, '-o', 'json', ...more);
    const { actions } = JSON.parse(stdout) as { actions: Planned[] };
    return actions.filter(({ action }) => action !== 'none');
  }

  const words = ({ action, kind, name, changes = [] }: Planned) => `${action} ${kind}/${name} ${action === 'update' ? changes.map(({ field }) => field).join() : ''}`.trim();
  const unexplained = (changes: Planned[]) =>
    changes.filter((change) => !wrongInMoto.some(([pattern]) => pattern.test(`${change.kind}/${change.name} ${(change.changes ?? []).map(({ field }) => field).join()}`)));

  it('is stored and priced without a call of the cloud', async () => {
    const { stdout } = await place.done('create', 'cluster', cluster, ...highlyAvailable);
    expect(stdout).toContain('412.29');
    expect(place.proxy.calls.filter(({ service }) => service !== 's3')).toEqual([]);
  });

  it(
    'is made with every resource that was planned, and nothing else',
    async () => {
      const plan = await planned();
      const counts: Record<string, number> = {};
      for (const { kind } of plan) counts[kind] = (counts[kind] ?? 0) + 1;
      const { ManagedFile: documents, ...infrastructure } = counts;
      expect(infrastructure).toEqual(expected);
      expect(documents).toBeGreaterThanOrEqual(6);
      await place.done('update', 'cluster', cluster, '--yes');
      expect(await census(place, cluster)).toEqual({ ...expected, instances: 7 });
    },
    manyAwsCalls,
  );

  it('needs nothing more afterwards', async () => {
    expect(unexplained(await planned()).map(words)).toEqual([]);
  });

  it(
    'changes one group and one CIDR in place',
    async () => {
      const before = await place.aws<{ AutoScalingGroups: { AutoScalingGroupName: string; AutoScalingGroupARN: string; MinSize: number }[] }>(
        'autoscaling',
        'describe-auto-scaling-groups',
      );
      await place.done('edit', 'ig', 'nodes-us-east-1a', '--name', cluster, '--set', 'spec.minSize=2', '--set', 'spec.maxSize=2');
      await place.done('edit', 'cluster', cluster, '--set', 'spec.sshAccess=198.51.100.0/24');
      const plan = unexplained(await planned());
      expect(plan.filter(({ action }) => action === 'replace' || action === 'roll').map(words)).toEqual([]);
      expect(new Set(plan.map(({ kind }) => kind))).toEqual(new Set(['AutoscalingGroup', 'SecurityGroupRule']));
      await place.done('update', 'cluster', cluster, '--yes');
      const after = await place.aws<typeof before>('autoscaling', 'describe-auto-scaling-groups');
      const sizes = ({ AutoScalingGroups }: typeof before) => new Map(AutoScalingGroups.map((group) => [group.AutoScalingGroupName, group.MinSize]));
      expect(after.AutoScalingGroups.map((group) => group.AutoScalingGroupARN).sort()).toEqual(before.AutoScalingGroups.map((group) => group.AutoScalingGroupARN).sort());
      expect(sizes(after)).toEqual(new Map([...sizes(before), [`nodes-us-east-1a.${cluster}`, 2]]));
      const { SecurityGroupRules } = await place.aws<{ SecurityGroupRules: { CidrIpv4?: string; FromPort: number }[] }>('ec2', 'describe-security-group-rules');
      const sshFrom = SecurityGroupRules.filter(({ FromPort }) => FromPort === 22).flatMap(({ CidrIpv4 }) => CidrIpv4 ?? []);
      expect(sshFrom).toContain('198.51.100.0/24');
      expect(sshFrom, 'access that was taken back is closed, without --prune').not.toContain('0.0.0.0/0');
      expect(unexplained(await planned()).map(words)).toEqual([]);
    },
    manyAwsCalls,
  );

  it(
    'goes without a trace',
    async () => {
      const { Tags } = await place.aws<{ Tags: { ResourceId: string }[] }>(
        'ec2',
        'describe-tags',
        '--filters',
        'Name=key,Values=KubernetesCluster',
        `Name=value,Values=${cluster}`,
      );
      tagged = new Set(Tags.map(({ ResourceId }) => ResourceId));
      policy = JSON.parse((await place.done('get', 'iam-policy', cluster)).stdout) as Policy;
      await place.done('delete', 'cluster', cluster, '--yes');
      expect(await census(place, cluster)).toEqual({});
      expect(await place.aws('s3api', 'list-objects-v2', '--bucket', 'state', '--prefix', `${cluster}/`)).not.toHaveProperty('Contents');
    },
    manyAwsCalls,
  );

  it('needed no more than the policy that get iam-policy prints', () => {
    const { calls } = place.proxy;
    const allowing = (action: string) => policy.Statement.filter(({ Action }) => Action.includes(action));
    const conditionOf = ({ Condition }: Policy['Statement'][number]) => JSON.stringify(Condition ?? {});
    const needed = [...new Set(calls.map(actionOf))].sort();
    expect(needed.filter((action) => allowing(action).length === 0)).toEqual([]);
    // What is made carries the tag that the policy asks for; what is changed carried it before.
    const untagged = calls.filter(
      (call) => allowing(actionOf(call)).some((statement) => conditionOf(statement).includes('aws:RequestTag')) && !call.detail.includes('KubernetesCluster'),
    );
    expect([...new Set(untagged.map(actionOf))]).toEqual([]);
    const foreign = calls.flatMap((call) => {
      const statements = allowing(actionOf(call)).filter((statement) => !conditionOf(statement).includes('aws:RequestTag'));
      const everywhere = (id: string) =>
        statements.some(({ Condition, Resource }) => !Condition && Resource.some((arn) => arn === '*' || arn.endsWith(`:${arnTypes[id.replace(/-.*/, '')]}/*`)));
      return (call.detail.match(ids) ?? []).filter((id) => !tagged.has(id) && !everywhere(id)).map((id) => `${actionOf(call)} ${id.replace(/-.*/, '')}`);
    });
    expect([...new Set(foreign)]).toEqual([]);
  });
});
