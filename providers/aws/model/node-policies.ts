import type { InstanceGroupRole } from '../../../src/spec/types.ts';
import { clusterSpec, usesTerminationQueue } from '../aws-spec.ts';
import { parseS3Url } from '../s3-url.ts';
import { arn, globalArn, partition } from './arn.ts';
import { type AwsContext, isIpv6Only, usesNoDns } from './context.ts';
import { cloudControllerStatements } from './controller-policy.ts';
import { queueName } from './events.ts';
import { networkStatements } from './network-policy.ts';
import { allow, type PolicyStatement } from './policy-document.ts';
import { clusterTag } from './tags.ts';
import { warmPoolOf } from './warm-pool.ts';

/** What instances of a role may do, and nothing else. Empty: the role only says who they are, which is all that a worker needs in order to join. */
export function nodePolicy(context: AwsContext, role: InstanceGroupRole): PolicyStatement[] {
  if (role === 'Bastion') return [];
  return [
    ...softwareStatements(context, role),
    ...(role === 'Master' ? controlPlaneStatements(context) : []),
    ...(role === 'APIServer' ? [...documentStatements(context), allow(['ec2:DescribeInstances'])] : []),
    ...warmPoolStatements(context, role),
    ...imageStatements(context),
    ...networkStatements(context, role),
    ...(isIpv6Only(context) ? [allow(['ec2:AssignIpv6Addresses'])] : []),
  ];
}

/** Everything that the cluster tags as its own. */
export function ofCluster({ name }: AwsContext): PolicyStatement['condition'] {
  return { StringEquals: { [`aws:ResourceTag/${clusterTag}`]: name } };
}

function controlPlaneStatements(context: AwsContext): PolicyStatement[] {
  return [
    ...documentStatements(context),
    ...etcdStatements(context),
    ...cloudControllerStatements(context),
    ...dnsStatements(context),
    // The control plane drains nodes itself, also where add-ons have roles of their own.
    ...(clusterSpec(context).nodeTerminationHandler?.enabled === true ? terminationStatements(context) : []),
  ];
}

/** kops-ts, Node.js and etcd, where they lie in buckets; with kops-ts a worker looks in EC2 for the control plane that it joins. */
function softwareStatements(context: AwsContext, role: InstanceGroupRole): PolicyStatement[] {
  const { url, nodeMirror, etcdMirror } = context.input.software ?? {};
  const software = parseS3Url(url);
  const mirrors = [nodeMirror, ...(role === 'Master' && runsEtcd(context) ? [etcdMirror] : [])].flatMap((mirror) => parseS3Url(mirror) ?? []);
  return [
    ...(software ? [allow(['s3:GetObject'], [globalArn(context, 's3', `${software.bucket}/${software.key}`)])] : []),
    ...mirrors.map(({ bucket, key }) => allow(['s3:GetObject'], [globalArn(context, 's3', [bucket, key, '*'].filter((part) => part !== '').join('/'))])),
    ...(context.input.software && role === 'Node' ? [allow(['ec2:DescribeInstances'])] : []),
  ];
}

function runsEtcd({ spec }: AwsContext): boolean {
  return (spec.etcdClusters?.find(({ name }) => name === 'main')?.etcdMembers.length ?? 1) > 1;
}

function documentStatements(context: AwsContext): PolicyStatement[] {
  const base = parseS3Url(context.spec.configBase);
  return base ? [allow(['s3:GetObject'], [globalArn(context, 's3', [base.bucket, base.key, '*'].filter((part) => part !== '').join('/'))])] : [];
}

/** A control plane takes its disks along when its instance is another one. A disk and an instance have the tags of the role that they serve. */
function etcdStatements(context: AwsContext): PolicyStatement[] {
  const tagged = { StringEquals: { [`aws:ResourceTag/${clusterTag}`]: context.name, 'aws:ResourceTag/k8s.io/role/control-plane': '1' } };
  return [allow(['ec2:DescribeVolumes']), allow(['ec2:AttachVolume'], ['*'], tagged), ...keyStatements(context)];
}

/** Whoever attaches a disk that a key of the user's own encrypts lets EC2 use the key. */
function keyStatements(context: AwsContext): PolicyStatement[] {
  const members = (context.spec.etcdClusters ?? []).flatMap((etcd) => etcd.etcdMembers as { kmsKeyId?: string }[]);
  const keys = [...new Set(members.flatMap(({ kmsKeyId }) => kmsKeyId ?? []))].map((key) => (key.startsWith('arn:') ? key : arn(context, 'kms', `key/${key}`)));
  if (keys.length === 0) return [];
  return [
    allow(['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKeyWithoutPlaintext', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'], keys),
    allow(['kms:CreateGrant'], keys, { Bool: { 'kms:GrantIsForAWSResource': 'true' } }),
  ];
}

/** Names of the API where no load balancer has them. */
export function dnsStatements(context: AwsContext): PolicyStatement[] {
  const zones = usesNoDns(context) ? [] : hostedZoneIds(context);
  if (zones.length === 0) return [];
  const changes = ['route53:ChangeResourceRecordSets', 'route53:GetHostedZone', 'route53:ListResourceRecordSets'];
  return [
    allow(
      changes,
      zones.map((id) => globalArn(context, 'route53', `hostedzone/${id}`)),
    ),
    allow(['route53:GetChange'], [globalArn(context, 'route53', 'change/*')]),
    allow(['route53:ListHostedZones']),
  ];
}

function hostedZoneIds({ facts, spec }: AwsContext): string[] {
  const known = Object.values(facts.hostedZones ?? {}).flat();
  const { dnsZone } = clusterSpec({ spec });
  return known.length > 0 ? [...new Set(known.map(({ id }) => id))] : dnsZone !== undefined && !dnsZone.includes('.') ? [dnsZone] : [];
}

/** Whoever drains nodes looks which they are; with a queue, reads of their end there and says when it may come. */
export function terminationStatements(context: AwsContext): PolicyStatement[] {
  const views = allow(['autoscaling:DescribeAutoScalingInstances', 'autoscaling:DescribeTags', 'ec2:DescribeInstances']);
  if (!usesTerminationQueue(clusterSpec(context))) return [views];
  return [
    views,
    allow(['sqs:DeleteMessage', 'sqs:ReceiveMessage'], [arn(context, 'sqs', queueName(context.name, 'nth'))]),
    allow(['autoscaling:CompleteLifecycleAction'], ['*'], ofCluster(context)),
  ];
}

/** An instance of a warm pool says when it is warm. */
function warmPoolStatements(context: AwsContext, role: InstanceGroupRole): PolicyStatement[] {
  const hooked = context.groups.some((group) => group.spec.role === role && warmPoolOf(context, group)?.enableLifecycleHook === true);
  if (!hooked) return [];
  return [allow(['autoscaling:CompleteLifecycleAction'], ['*'], ofCluster(context)), allow(['autoscaling:DescribeAutoScalingInstances', 'autoscaling:DescribeLifecycleHooks'])];
}

const imageActions = 'BatchCheckLayerAvailability,BatchGetImage,DescribeRepositories,GetDownloadUrlForLayer,GetRepositoryPolicy,ListImages'.split(',');
const copyActions = ['BatchImportUpstreamImage', 'CreateRepository', 'ReplicateImage', 'TagResource'];

/** Images of the account's registry, and copies that the registry makes there of images of others. */
function imageStatements(context: AwsContext): PolicyStatement[] {
  const repositories = [`arn:${partition(context)}:ecr:*:*:repository/*`];
  const ecr = (actions: readonly string[]) => actions.map((action) => `ecr:${action}`);
  return [
    ...(context.spec.iam?.allowContainerRegistry === true ? [allow(['ecr:GetAuthorizationToken']), allow(ecr(imageActions), repositories)] : []),
    ...(clusterSpec(context).containerd?.useECRCredentialsForMirrors === true ? [allow(ecr(copyActions), repositories)] : []),
  ];
}
