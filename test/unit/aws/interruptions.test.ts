import { CompleteLifecycleActionCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it, vi } from 'vitest';
import { interruptionSettings } from '../../../providers/aws/bootstrap/interruption-settings.ts';
import { createInterruptions } from '../../../providers/aws/controllers/interruptions.ts';
import type { Interruption } from '../../../src/cloud/controllers.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { createLog } from '../../../src/lib/log.ts';
import { awsFailure, cluster, mockedAws, ownTags, tagList } from './aws-mocks.ts';

const managedTag = 'aws-node-termination-handler/managed';
const queueUrl = 'https://sqs.us-east-1.amazonaws.com/111122223333/demo-example-com-nth';
const [own, unmanaged, foreign] = ['i-0aaaaaaaaaaaaaaa1', 'i-0aaaaaaaaaaaaaaa2', 'i-0aaaaaaaaaaaaaaa3'];
const hook = { AutoScalingGroupName: `nodes.${cluster}`, LifecycleHookName: 'nodes-NTHLifecycleHook', LifecycleActionToken: 'token' };

const event = (source: string, kind: string, detail: object) => JSON.stringify({ version: '0', source, 'detail-type': kind, time: '2026-01-01T00:00:00Z', detail });
const spot = (id: string) => event('aws.ec2', 'EC2 Spot Instance Interruption Warning', { 'instance-id': id, 'instance-action': 'terminate' });
const state = (to: string) => event('aws.ec2', 'EC2 Instance State-change Notification', { 'instance-id': own, state: to });
const terminating = (id: string, more: object = {}) => event('aws.autoscaling', 'EC2 Instance-terminate Lifecycle Action', { ...hook, EC2InstanceId: id, ...more });
const health = (service: string) =>
  event('aws.health', 'AWS Health Event', { service, eventTypeCategory: 'scheduledChange', affectedEntities: [{ entityValue: own }, { entityValue: foreign }] });

interface Sent {
  id: string;
  body: string;
  receipt?: string;
}

/** The queue gives these messages, one batch a call, then nothing. The cluster has two instances, one of which the handler is not to touch. */
function follow(batches: Sent[][], handle: (interruption: Interruption) => Promise<void> = async () => {}) {
  const { aws, ec2, autoscaling } = mockedAws();
  const sqs = mockClient(SQSClient);
  const ending = new AbortController();
  const lines: string[] = [];
  const handled: Interruption[] = [];
  const waiting = [...batches];
  sqs.on(DeleteMessageCommand).resolves({});
  sqs.on(ReceiveMessageCommand).callsFake(() => {
    const batch = waiting.shift();
    if (batch) return { Messages: batch.map(({ id, body, receipt = id }) => ({ MessageId: id, Body: body, ReceiptHandle: receipt })) };
    return new Promise((_resolve, reject) => ending.signal.addEventListener('abort', () => reject(new Error('aborted'))));
  });
  ec2.on(DescribeInstancesCommand).callsFake(({ Filters = [] }) => {
    const tags = { [own]: { ...ownTags('a'), [managedTag]: '' }, [unmanaged]: ownTags('b') };
    const asked = Object.entries(tags).filter(([id]) => Filters[0]?.Values?.includes(id));
    return { Reservations: [{ Instances: asked.map(([InstanceId, all]) => ({ InstanceId, Placement: { AvailabilityZone: 'us-east-1a' }, Tags: tagList(all) })) }] };
  });
  autoscaling.on(CompleteLifecycleActionCommand).resolves({});
  const log = createLog({ clock: new VirtualClock(), sink: (line) => lines.push(line) });
  const noted = (interruption: Interruption) => {
    handled.push(interruption);
    return handle(interruption);
  };
  const running = createInterruptions(aws).follow(cluster, { queueUrl, managedTag }, { handle: noted, log, signal: ending.signal });
  return {
    sqs,
    autoscaling,
    handled,
    lines,
    deleted: () => sqs.commandCalls(DeleteMessageCommand).map(({ args }) => args[0].input.ReceiptHandle),
    completed: () => autoscaling.commandCalls(CompleteLifecycleActionCommand).map(({ args }) => args[0].input),
    stop: async () => {
      ending.abort();
      await running;
    },
  };
}

describe('the queue of interruptions', () => {
  it.each([
    ['a spot interruption', spot(own), 'SpotInterruption'],
    ['a recommendation to rebalance', event('aws.ec2', 'EC2 Instance Rebalance Recommendation', { 'instance-id': own }), 'RebalanceRecommendation'],
    ['an instance that stops', state('stopping'), 'StateChange'],
    ['a scheduled change of several instances', health('EC2'), 'ScheduledEvent'],
    ['the end of an instance of a group', terminating(own), 'ASGLifecycle'],
  ])('hands over %s and deletes the message', async (_what, body, reason) => {
    const queue = follow([[{ id: 'm', body }]]);
    await vi.waitFor(() => expect(queue.deleted()).toEqual(['m']));
    expect(queue.handled).toMatchObject([{ providerId: `aws:///us-east-1a/${own}`, reason }]);
    expect(queue.completed()).toEqual(reason === 'ASGLifecycle' ? [{ ...hook, InstanceId: own, LifecycleActionResult: 'CONTINUE' }] : []);
    expect(queue.lines).toEqual([]);
    await queue.stop();
  });

  it.each([
    ['another cluster’s instance', terminating(foreign), ''],
    ['an instance without the tag', terminating(unmanaged), ''],
    ['an instance that starts', state('running'), ''],
    ['another service', health('RDS'), ''],
    ['a test of Auto Scaling', terminating(own, { Event: 'autoscaling:TEST_NOTIFICATION' }), ''],
    ['something unknown', event('aws.s3', 'Object Created', {}), 'events of the kind aws.s3/Object Created are not known'],
    ['a lack of its instance', event('aws.ec2', 'EC2 Spot Instance Interruption Warning', {}), 'instance-id is missing'],
    ['nothing at all', '"hello"', 'it is no event of EventBridge'],
    ['no JSON', '{', 'JSON'],
  ])('deletes what is about %s', async (_what, body, warning) => {
    const queue = follow([[{ id: 'm', body }]]);
    await vi.waitFor(() => expect(queue.deleted()).toEqual(['m']));
    expect([queue.handled, queue.completed()]).toEqual([[], []]);
    expect(queue.lines).toEqual(warning === '' ? [] : [expect.stringContaining(warning)]);
    await queue.stop();
  });

  it('works on a message once while it comes again, and deletes it by its newest receipt', async () => {
    let drained = () => {};
    const draining = new Promise<void>((resolve) => {
      drained = resolve;
    });
    const again = [1, 2, 3].map((time) => [{ id: 'm', body: spot(own), receipt: `receipt ${time}` }]);
    const queue = follow(again, () => draining);
    await vi.waitFor(() => expect(queue.sqs.commandCalls(ReceiveMessageCommand)).toHaveLength(4));
    expect(queue.deleted()).toEqual([]);
    drained();
    await vi.waitFor(() => expect(queue.deleted()).toEqual(['receipt 3']));
    expect(queue.handled).toHaveLength(1);
    await queue.stop();
  });

  it('leaves what failed in the queue, and does not tell Auto Scaling to go on', async () => {
    const queue = follow([[{ id: 'm', body: terminating(own) }], [{ id: 'other', body: spot(own) }]], ({ reason }) =>
      reason === 'ASGLifecycle' ? Promise.reject(new Error('pods are left')) : Promise.resolve(),
    );
    await vi.waitFor(() => expect(queue.deleted()).toEqual(['other']));
    await queue.stop();
    expect([queue.deleted(), queue.completed()]).toEqual([['other'], []]);
    expect(queue.lines).toEqual([expect.stringContaining('pods are left')]);
  });

  it('is content when Auto Scaling waits no longer', async () => {
    const over = follow([[{ id: 'm', body: terminating(own) }]]);
    over.autoscaling.on(CompleteLifecycleActionCommand).rejects(awsFailure('autoscaling', 'CompleteLifecycleAction', 'ValidationError', 'No active Lifecycle Action found'));
    await vi.waitFor(() => expect(over.deleted()).toEqual(['m']));
    await over.stop();
  });

  it('has no more in work than it can bear', async () => {
    const batch = (from: number) => Array.from({ length: 5 }, (_, at) => ({ id: `m${from + at}`, body: spot(own) }));
    let drained = () => {};
    const draining = new Promise<void>((resolve) => {
      drained = resolve;
    });
    const queue = follow([batch(0), batch(5), batch(10)], () => draining);
    await vi.waitFor(() => expect(queue.handled).toHaveLength(10));
    expect(queue.sqs.commandCalls(ReceiveMessageCommand)).toHaveLength(2);
    drained();
    await vi.waitFor(() => expect(queue.deleted()).toHaveLength(15));
    await queue.stop();
  });
});

describe('the node document', () => {
  const settings = (handler: object, account?: { id: string; partition: string }) => {
    const spec = {
      subnets: [{ name: 'us-east-1a', zone: 'us-east-1a', type: 'Public' }],
      nodeTerminationHandler: { enabled: true, enableSQSTerminationDraining: true, ...handler },
    };
    const completed = { cluster: { metadata: { name: cluster }, spec } } as unknown as Parameters<typeof interruptionSettings>[0];
    return interruptionSettings(completed, account ? { account } : {});
  };

  it('has the queue’s address, which the control plane may not look for', () => {
    expect(settings({ managedASGTag: managedTag, podTerminationGracePeriod: -1 }, { id: '111122223333', partition: 'aws' })).toEqual({
      source: { queueUrl, managedTag },
      excludeFromLoadBalancers: true,
      dropIfNodeNotFound: false,
    });
    expect(settings({ podTerminationGracePeriod: 30, excludeFromLoadBalancers: false, deleteSQSMsgIfNodeNotFound: true })).toEqual({
      source: { queueUrl: queueUrl.replace('111122223333', '*'), managedTag: '' },
      excludeFromLoadBalancers: false,
      dropIfNodeNotFound: true,
      podTerminationGracePeriod: 30,
    });
  });

  it('has none where there is no queue', () => {
    expect([settings({ enabled: false }), settings({ enableSQSTerminationDraining: false })]).toEqual([undefined, undefined]);
  });
});
