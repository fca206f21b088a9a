import { clusterSpec } from '../aws-spec.ts';
import { arn, globalArn, iamArn, partition } from './arn.ts';
import type { AwsContext } from './context.ts';
import { cloudControllerStatements } from './controller-policy.ts';
import { queueName } from './events.ts';
import { iamName } from './names.ts';
import { dnsStatements, ofCluster, terminationStatements } from './node-policies.ts';
import { allow, type PolicyStatement } from './policy-document.ts';
import { clusterTag } from './tags.ts';

export type AddonAccount = keyof typeof policies;

const policies = {
  'dns-controller': dnsStatements,
  'external-dns': dnsStatements,
  'cluster-autoscaler': autoscaler,
  'cert-manager': certificates,
  'aws-node-termination-handler': terminationStatements,
  'aws-load-balancer-controller': balancers,
  'kube-router': router,
  'aws-cloud-controller-manager': cloudControllerStatements,
  'ebs-csi-controller-sa': volumes,
  karpenter: machines,
};

/** What an add-on does on AWS, by its service account; what it changes is the cluster's own wherever AWS can tell. */
export function addonPolicy(context: AwsContext, account: AddonAccount): PolicyStatement[] {
  return policies[account](context);
}

function autoscaler(context: AwsContext): PolicyStatement[] {
  const groups = ['AutoScalingGroups', 'AutoScalingInstances', 'LaunchConfigurations', 'ScalingActivities', 'Tags'].map((what) => `autoscaling:Describe${what}`);
  const machineTypes = ['DescribeImages', 'DescribeInstanceTypes', 'DescribeLaunchTemplateVersions', 'GetInstanceTypesFromInstanceRequirements'].map((what) => `ec2:${what}`);
  return [allow([...groups, ...machineTypes]), allow(['autoscaling:SetDesiredCapacity', 'autoscaling:TerminateInstanceInAutoScalingGroup'], ['*'], ofCluster(context))];
}

/** Answers challenges, and nothing else, in the zones it is told. */
function certificates(context: AwsContext): PolicyStatement[] {
  const zones = (clusterSpec(context).certManager?.hostedZoneIDs ?? []).map((id) => globalArn(context, 'route53', `hostedzone/${id}`));
  return [
    allow(['route53:ListResourceRecordSets'], zones),
    allow(['route53:ChangeResourceRecordSets'], zones, {
      'ForAllValues:StringEquals': { 'route53:ChangeResourceRecordSetsRecordTypes': ['TXT'] },
      'ForAllValues:StringLike': { 'route53:ChangeResourceRecordSetsNormalizedRecordNames': ['_acme-challenge.*'] },
    }),
    allow(['route53:GetChange'], [globalArn(context, 'route53', 'change/*')]),
    allow(['route53:ListHostedZonesByName']),
  ];
}

function balancers(context: AwsContext): PolicyStatement[] {
  const views = ['AccountAttributes', 'InternetGateways', 'NetworkInterfaces', 'VpcPeeringConnections'].map((what) => `ec2:Describe${what}`);
  const certificateViews = ['acm:DescribeCertificate', 'acm:ListCertificates', 'cognito-idp:DescribeUserPoolClient', 'elasticloadbalancing:DescribeRules'];
  const rules = ['elasticloadbalancing:DeleteRule', 'elasticloadbalancing:ModifyRule'];
  return [
    ...cloudControllerStatements(context),
    allow([...views, ...certificateViews]),
    allow(rules, ['*'], ofCluster(context)),
    allow(['elasticloadbalancing:CreateRule'], ['*'], requested(context)),
  ];
}

function router(context: AwsContext): PolicyStatement[] {
  return [allow(['ec2:ModifyInstanceAttribute'], ['*'], ofCluster(context))];
}

function volumes(context: AwsContext): PolicyStatement[] {
  const snapshots = clusterSpec(context).snapshotController?.enabled === true;
  const made = ['volume', 'snapshot'].map((type) => `arn:${partition(context)}:ec2:*:*:${type}/*`);
  const views = ['AvailabilityZones', 'Instances', 'Tags', 'Volumes', 'VolumesModifications', ...(snapshots ? ['Snapshots'] : [])];
  const changes = ['AttachVolume', 'DeleteVolume', 'DetachVolume', 'ModifyVolume', ...(snapshots ? ['DeleteSnapshot'] : [])];
  return [
    allow(views.map((what) => `ec2:Describe${what}`)),
    allow(
      changes.map((action) => `ec2:${action}`),
      ['*'],
      ofCluster(context),
    ),
    allow(['ec2:CreateVolume', ...(snapshots ? ['ec2:CreateSnapshot'] : [])], ['*'], requested(context)),
    allow(['ec2:CreateTags'], made, {
      StringEquals: { [`aws:RequestTag/${clusterTag}`]: context.name, 'ec2:CreateAction': ['CreateSnapshot', 'CreateVolume'] },
    }),
  ];
}

/** Starts and ends machines, which get the workers' role and no other. */
function machines(context: AwsContext): PolicyStatement[] {
  const views = ['AvailabilityZones', 'CapacityReservations', 'Images', 'Instances', 'InstanceStatus', 'InstanceTypeOfferings', 'InstanceTypes', 'LaunchTemplates']
    .concat(['PlacementGroups', 'SecurityGroups', 'SpotPriceHistory', 'Subnets'])
    .map((what) => `ec2:Describe${what}`);
  const queueActions = ['DeleteMessage', 'GetQueueUrl', 'ReceiveMessage'].map((action) => `sqs:${action}`);
  return [
    allow([...views, 'iam:GetInstanceProfile', 'pricing:GetProducts', 'ssm:GetParameter']),
    allow(['ec2:CreateFleet', 'ec2:CreateLaunchTemplate', 'ec2:CreateTags', 'ec2:RunInstances']),
    allow(['ec2:DeleteLaunchTemplate', 'ec2:TerminateInstances'], ['*'], ofCluster(context)),
    allow(['iam:PassRole'], [iamArn(context, `role/${iamName('Node', context.name)}`)], { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } }),
    allow(queueActions, [arn(context, 'sqs', queueName(context.name, 'karpenter'))]),
  ];
}

function requested({ name }: AwsContext): PolicyStatement['condition'] {
  return { StringEquals: { [`aws:RequestTag/${clusterTag}`]: name } };
}
