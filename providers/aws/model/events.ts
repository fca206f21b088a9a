import { type DesiredResource, ref } from '../../../src/cloud/resource.ts';
import { canonicalJson } from '../../../src/lib/json.ts';
import { clusterSpec, usesTerminationQueue } from '../aws-spec.ts';
import { arn } from './arn.ts';
import { type AwsContext, resource } from './context.ts';
import { truncateName } from './names.ts';
import { policyDocument } from './policy-document.ts';
import { ownedTags } from './tags.ts';

export const queueRetentionSeconds = 300;
const ruleNameLimit = 40;

interface AwsEvent {
  name: string;
  pattern: object;
}

const spotInterruption = ec2Event('SpotInterruption', 'EC2 Spot Instance Interruption Warning');
const stateChange = ec2Event('InstanceStateChange', 'EC2 Instance State-change Notification');
const rebalance = ec2Event('RebalanceRecommendation', 'EC2 Instance Rebalance Recommendation');
const termination: AwsEvent = { name: 'ASGLifecycle', pattern: { source: ['aws.autoscaling'], 'detail-type': ['EC2 Instance-terminate Lifecycle Action'] } };
const scheduledChange: AwsEvent = {
  name: 'InstanceScheduledChange',
  pattern: { source: ['aws.health'], 'detail-type': ['AWS Health Event'], detail: { service: ['EC2'], eventTypeCategory: ['scheduledChange'] } },
};

/** The end of an instance is announced: events of the account go to queues in which whoever drains nodes reads. */
export function events(context: AwsContext): DesiredResource[] {
  const spec = clusterSpec(context);
  const rebalancing = spec.nodeTerminationHandler?.enableRebalanceDraining === true ? [rebalance] : [];
  return [
    ...(usesTerminationQueue(spec) ? queue(context, 'nth', '', [termination, spotInterruption, stateChange, scheduledChange, ...rebalancing]) : []),
    ...(spec.karpenter?.enabled ? queue(context, 'karpenter', 'Karpenter-', [spotInterruption, stateChange, scheduledChange, rebalance]) : []),
  ];
}

/** A queue's name has no dots. */
export function queueName(cluster: string, use: 'nth' | 'karpenter'): string {
  return `${cluster.replaceAll('.', '-')}-${use}`;
}

function queue(context: AwsContext, use: 'nth' | 'karpenter', prefix: string, sources: readonly AwsEvent[]): DesiredResource[] {
  const name = queueName(context.name, use);
  const policy = policyDocument([
    { effect: 'Allow', principal: { Service: ['events.amazonaws.com', 'sqs.amazonaws.com'] }, actions: ['sqs:SendMessage'], resources: [arn(context, 'sqs', name)] },
  ]);
  return [
    resource('SQSQueue', name, { queueName: name, messageRetentionPeriod: queueRetentionSeconds, policy, tags: ownedTags(context, name) }),
    ...sources.flatMap((event) => rule(context, name, `${truncateName(context.name, ruleNameLimit)}-${prefix}${event.name}`, event)),
  ];
}

function rule(context: AwsContext, queueOf: string, name: string, { pattern }: AwsEvent): DesiredResource[] {
  return [
    resource('EventBridgeRule', name, { ruleName: name, eventPattern: canonicalJson(pattern), tags: ownedTags(context, name) }),
    resource('EventBridgeTarget', `${name}-Target`, { ruleName: ref('EventBridgeRule', name), targetArn: ref('SQSQueue', queueOf, 'arn') }),
  ];
}

function ec2Event(name: string, detailType: string): AwsEvent {
  return { name, pattern: { source: ['aws.ec2'], 'detail-type': [detailType] } };
}
