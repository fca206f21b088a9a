import type { SQS } from '@aws-sdk/client-sqs';
import type { ActualResource } from '../../../src/cloud/resource.ts';
import { allPages, inParallel } from '../api/parallel.ts';
import { canonicalPolicy } from '../api/policy-text.ts';
import { changeTags } from '../api/tag-list.ts';
import type { Tags } from '../attributes.ts';
import { belongsTo, createOrAdopt, ifThere, soonThere } from './adopt.ts';
import type { AwsKind, WantedResource } from './aws-kind.ts';
import { found } from './ownership.ts';

/** Queues have names of 80 characters at most, of which the words behind the cluster's name take a few. */
const prefixLength = 60;

export const sqsQueue: AwsKind<'SQSQueue'> = {
  kind: 'SQSQueue',

  list: async ({ aws, clusterName }) => {
    const sqs = await aws.service('sqs');
    const QueueNamePrefix = clusterName.replaceAll('.', '-').slice(0, prefixLength);
    const urls = await allPages(async (NextToken) => {
      const page = await sqs.listQueues({ QueueNamePrefix, MaxResults: 1000, NextToken });
      return { items: page.QueueUrls, next: page.NextToken };
    });
    const queues = await inParallel(urls, (url) => ifThere(describeQueue(sqs, url)));
    return queues.filter((queue) => queue !== undefined).filter(({ attributes }) => belongsTo(attributes.tags as Tags, clusterName));
  },

  // A name is free again a minute after its queue was deleted; until then AWS refuses, which is worth a retry.
  create: async (aws, resource, context) => {
    const { queueName, tags } = resource.attributes;
    const sqs = await aws.service('sqs');
    return createOrAdopt(sqsQueue, aws, resource, context, {
      make: async () => (await aws.once('sqs')).createQueue({ QueueName: queueName, Attributes: settings(resource.attributes), tags: { ...tags } }),
      find: async () => {
        const { QueueUrl } = (await ifThere(sqs.getQueueUrl({ QueueName: queueName }))) ?? {};
        return QueueUrl === undefined ? undefined : ifThere(describeQueue(sqs, QueueUrl));
      },
    });
  },

  update: async (aws, actual, { attributes }, changes) => {
    const sqs = await aws.service('sqs');
    const QueueUrl = actual.id;
    if (changes.includes('policy') || changes.includes('messageRetentionPeriod')) await soonThere(sqs.setQueueAttributes({ QueueUrl, Attributes: settings(attributes) }));
    await changeTags(actual.attributes.tags, attributes.tags, {
      set: (tags) => sqs.tagQueue({ QueueUrl, Tags: { ...tags } }),
      remove: (TagKeys) => sqs.untagQueue({ QueueUrl, TagKeys }),
    });
    return { ...actual, attributes: { ...attributes } };
  },

  delete: async (aws, actual) => {
    await ifThere((await aws.service('sqs')).deleteQueue({ QueueUrl: actual.id }));
  },

  effect: (changes) => (changes.includes('queueName') ? 'replace' : 'update'),

  deleteAfter: (actual, all) => all.filter((other) => other.kind === 'EventBridgeTarget' && other.attributes.targetArn === actual.outputs.arn),
};

function settings({ messageRetentionPeriod, policy }: WantedResource<'SQSQueue'>['attributes']): { MessageRetentionPeriod: string; Policy: string } {
  return { MessageRetentionPeriod: String(messageRetentionPeriod), Policy: policy };
}

async function describeQueue(sqs: SQS, url: string): Promise<ActualResource> {
  const [{ Attributes: { QueueArn: arn, MessageRetentionPeriod, Policy = '' } = {} }, { Tags: tags = {} }] = await Promise.all([
    sqs.getQueueAttributes({ QueueUrl: url, AttributeNames: ['All'] }),
    sqs.listQueueTags({ QueueUrl: url }),
  ]);
  const queueName = url.slice(url.lastIndexOf('/') + 1);
  const attributes = { queueName, messageRetentionPeriod: Number(MessageRetentionPeriod), policy: canonicalPolicy(Policy), tags };
  return found({ kind: 'SQSQueue', id: url, name: queueName, attributes, outputs: { arn } });
}
