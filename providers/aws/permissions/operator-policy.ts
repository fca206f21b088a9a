import type { DesiredResource } from '../../../src/cloud/resource.ts';
import type { AwsKindName } from '../attributes.ts';
import { clusterTag } from '../model/tags.ts';
import { bucketActions, kindActions, lookUpActions, objectActions } from './kind-actions.ts';
import { namesOf } from './names.ts';
import type { PolicyRequest } from './policy-request.ts';
import { type Statement, StatementList } from './statements.ts';

/** The least policy for whoever creates, changes and deletes this cluster: its kinds of resources, limited to what is the cluster's own. */
export function operatorPolicy(request: PolicyRequest): { Version: string; Statement: Statement[] } {
  const statements = new StatementList();
  const kinds = [...new Set(request.desired.map(({ kind }) => kind as AwsKindName))];
  // An inventory asks for every kind: what is there may be in no spec any more.
  statements.add('LookUp', [...lookUpActions, ...Object.values(kindActions).flatMap(({ read }) => read)], ['*']);
  statements.add('LookUpImages', ['ssm:GetParameters'], [`arn:${request.place.partition}:ssm:${request.place.region}::parameter/aws/service/*`]);
  addEc2(statements, request, kinds);
  addLoadBalancing(statements, request, kinds);
  addNamed(statements, request, kinds);
  addInstances(statements, request);
  addStateStore(statements, request);
  return { Version: '2012-10-17', Statement: statements.sorted() };
}

const owned = ({ clusterName }: PolicyRequest) => ({ StringEquals: { [`aws:ResourceTag/${clusterTag}`]: clusterName } });
const labelled = ({ clusterName }: PolicyRequest) => ({ StringEquals: { [`aws:RequestTag/${clusterTag}`]: clusterName } });

function arn({ partition, region, account }: PolicyRequest['place'], service: string, resource: string): string {
  return `arn:${partition}:${service}:${region}:${account}:${resource}`;
}

/** New things carry the cluster's tag in the call that makes them; only things that carry it are changed. Things of others are named by their ids. */
function addEc2(statements: StatementList, request: PolicyRequest, kinds: readonly AwsKindName[]): void {
  const { place, desired } = request;
  const ec2 = (resource: string) => arn(place, 'ec2', resource);
  const used = [...kinds, 'strays' as const].map((kind) => kindActions[kind]);
  const isEc2 = (action: string) => action.startsWith('ec2:');
  const makers = used.filter(({ make = [] }) => make.some(isEc2));
  const made = makers.flatMap(({ make = [] }) => make);
  const inside = makers.filter(({ within = [] }) => within.length > 0);
  const parents = inside.flatMap(({ within = [] }) => within);
  // One statement for all: a call makes things of its own type only.
  statements.add(
    'Make',
    made,
    makers.map(({ type = '' }) => ec2(`${type}/*`)),
    labelled(request),
  );
  statements.add(
    'MakeWithin',
    inside.flatMap(({ make = [] }) => make),
    parents.map((parent) => ec2(`${parent}/*`)),
  );
  // Groups launch what is tagged, too: the launch is tried in the name of who makes them.
  const launches = kinds.includes('AutoscalingGroup') ? ['RunInstances'] : [];
  const calls = [...launches, ...made.map((action) => action.slice('ec2:'.length))];
  statements.add('TagWhatIsMade', ['ec2:CreateTags'], [ec2('*/*')], { StringEquals: { 'ec2:CreateAction': [...new Set(calls)].sort() } });
  const changes = used.flatMap(({ change = [] }) => change.filter(isEc2));
  statements.add('Change', [...changes, 'ec2:CreateTags', 'ec2:DeleteTags'], [ec2('*/*')], owned(request));
  for (const { parts } of used)
    if (parts)
      statements.add(
        'ChangeParts',
        parts.change,
        parts.types.map((type) => ec2(`${type}/*`)),
      );
  const others = foreignIds(desired);
  if (others.length > 0) statements.add('ChangeShared', [...changes, 'ec2:CreateTags', 'ec2:DeleteTags'], others.map(ec2));
}

const ec2Types: readonly [RegExp, string][] = [
  [/^vpc-/, 'vpc'],
  [/^subnet-/, 'subnet'],
  [/^rtb-/, 'route-table'],
  [/^sg-/, 'security-group'],
  [/^igw-/, 'internet-gateway'],
  [/^eipalloc-/, 'elastic-ip'],
];

/** Existing things that the model names by id: `vpc/vpc-1`. */
function foreignIds(desired: readonly DesiredResource[]): string[] {
  const ids = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value === 'string' && /^[a-z]+-[0-9a-f]{8,17}$/.test(value)) {
      const type = ec2Types.find(([pattern]) => pattern.test(value))?.[1];
      if (type !== undefined) ids.add(`${type}/${value}`);
    } else if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit);
  };
  for (const { attributes } of desired) visit(attributes);
  return [...ids].sort();
}

function addLoadBalancing(statements: StatementList, request: PolicyRequest, kinds: readonly AwsKindName[]): void {
  const { place } = request;
  const elb = (resource: string) => arn(place, 'elasticloadbalancing', resource);
  const used = kinds.map((kind) => kindActions[kind]).filter(({ read }) => read.some((action) => action.startsWith('elasticloadbalancing:')));
  if (used.length === 0) return;
  const makers = used.filter(({ make = [] }) => make.length > 0);
  statements.add(
    'MakeLoadBalancers',
    makers.flatMap(({ make = [] }) => make),
    makers.map(({ type = '' }) => elb(`${type}/*`)),
    labelled(request),
  );
  const calls = used.flatMap(({ make = [] }) => make.map((action) => action.slice('elasticloadbalancing:'.length)));
  const all = [elb('loadbalancer/net/*'), elb('targetgroup/*'), elb('listener/net/*')];
  statements.add('TagLoadBalancersMade', ['elasticloadbalancing:AddTags'], all, { StringEquals: { 'elasticloadbalancing:CreateAction': [...calls, 'CreateListener'].sort() } });
  const changes = used.flatMap(({ change = [] }) => change);
  // Load balancers of Services are the cluster's own, too: they go with it.
  statements.add(
    'ChangeLoadBalancers',
    [...changes, 'elasticloadbalancing:AddTags', 'elasticloadbalancing:RemoveTags', 'elasticloadbalancing:DeleteLoadBalancer'],
    all,
    owned(request),
  );
}

function addNamed(statements: StatementList, request: PolicyRequest, kinds: readonly AwsKindName[]): void {
  for (const kind of kinds) {
    const { named = [] } = kindActions[kind];
    if (named.length > 0) statements.add(kind, named, namesOf(kind, request));
  }
}

/** Auto Scaling launches instances in the name of whoever makes the group, with the roles of their profiles. */
function addInstances(statements: StatementList, request: PolicyRequest): void {
  const { place, desired } = request;
  if (!desired.some(({ kind }) => kind === 'AutoscalingGroup')) return;
  const { partition, account } = place;
  statements.add('Launch', ['ec2:RunInstances'], ['*'], { ArnLike: { 'ec2:LaunchTemplate': arn(place, 'ec2', 'launch-template/*') } });
  const service = partition === 'aws-cn' ? 'ec2.amazonaws.com.cn' : 'ec2.amazonaws.com';
  const ownRoles = desired.some(({ kind }) => kind === 'IAMInstanceProfile') ? namesOf('IAMRole', request) : [];
  const foreignProfile = desired.some(({ kind, attributes }) => kind === 'LaunchTemplate' && typeof attributes.iamInstanceProfileName === 'string');
  const roles = [...ownRoles, ...(foreignProfile ? [`arn:${partition}:iam::${account}:role/*`] : [])];
  if (roles.length > 0) statements.add('PassRoles', ['iam:PassRole'], roles, { StringEquals: { 'iam:PassedToService': service } });
  const linked = ['autoscaling', 'elasticloadbalancing', ...(usesSpot(desired) ? ['spot'] : [])];
  statements.add(
    'ServiceLinkedRoles',
    ['iam:CreateServiceLinkedRole'],
    linked.map((name) => `arn:${partition}:iam::${account}:role/aws-service-role/${name}.amazonaws.com/*`),
  );
  const keys = kmsKeys(desired);
  if (keys.length > 0) statements.add('EncryptDisks', ['kms:CreateGrant', 'kms:DescribeKey', 'kms:GenerateDataKeyWithoutPlaintext', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'], keys);
}

function usesSpot(desired: readonly DesiredResource[]): boolean {
  return desired.some(({ attributes }) => ['marketOptions', 'overrideInstanceTypes', 'instanceRequirements'].some((field) => attributes[field] !== undefined));
}

function kmsKeys(desired: readonly DesiredResource[]): string[] {
  const keys = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, part] of Object.entries(value)) {
      if (name === 'kmsKeyId' && typeof part === 'string') keys.add(part.startsWith('arn:') ? part : '*');
      else visit(part);
    }
  };
  for (const { attributes } of desired) visit(attributes);
  return [...keys].sort();
}

/** The state, and the documents that instances read: `s3://bucket/prefix`. */
function addStateStore(statements: StatementList, { place, stateStore, desired }: PolicyRequest): void {
  const { partition } = place;
  const [, bucket, prefix = ''] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(stateStore) ?? [];
  const documents = desired.flatMap(({ kind, attributes }) => (kind === 'ManagedFile' ? [String(attributes.bucket)] : []));
  const buckets = [...new Set([...(bucket === undefined ? [] : [bucket]), ...documents])].sort();
  if (buckets.length === 0) return;
  statements.add(
    'StateStore',
    bucketActions,
    buckets.map((name) => `arn:${partition}:s3:::${name}`),
  );
  statements.add(
    'StateObjects',
    objectActions,
    buckets.map((name) => `arn:${partition}:s3:::${name}/${name === bucket && prefix ? `${prefix}/` : ''}*`),
  );
}
