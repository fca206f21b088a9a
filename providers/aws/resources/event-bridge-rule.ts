import type { EventBridge, Rule } from '@aws-sdk/client-eventbridge';
import type { ActualResource } from '../../../src/cloud/resource.ts';
import { allPages, inParallel } from '../api/parallel.ts';
import { canonicalPolicy } from '../api/policy-text.ts';
import { changeTags, fromTagList, toTagList } from '../api/tag-list.ts';
import type { Tags } from '../attributes.ts';
import { belongsTo, createOrAdopt, ifThere } from './adopt.ts';
import type { AwsKind } from './aws-kind.ts';
import type { Inventory } from './inventory.ts';
import { found } from './ownership.ts';

/** Behind this the model may have cut the cluster's name in names of rules. */
const prefixLength = 33;

export const eventBridgeRule: AwsKind<'EventBridgeRule'> = {
  kind: 'EventBridgeRule',

  list: (inventory) => rulesOf(inventory),

  // PutRule takes tags only of a new rule.
  create: async (aws, resource, context) => {
    const { ruleName, eventPattern, tags } = resource.attributes;
    return createOrAdopt(eventBridgeRule, aws, resource, context, {
      make: async () => (await aws.once('events')).putRule({ Name: ruleName, EventPattern: eventPattern, Tags: toTagList(tags) }),
      find: async () => findRule(await aws.service('events'), ruleName),
      lookFirst: true,
    });
  },

  update: async (aws, actual, { attributes }, changes) => {
    const events = await aws.service('events');
    if (changes.includes('eventPattern')) await events.putRule({ Name: actual.id, EventPattern: attributes.eventPattern });
    const ResourceARN = String(actual.outputs.arn);
    await changeTags(actual.attributes.tags, attributes.tags, {
      set: (tags) => events.tagResource({ ResourceARN, Tags: toTagList(tags) }),
      remove: (TagKeys) => events.untagResource({ ResourceARN, TagKeys }),
    });
    return { ...actual, attributes: { ...attributes } };
  },

  delete: async (aws, actual) => {
    await ifThere((await aws.service('events')).deleteRule({ Name: actual.id }));
  },

  effect: (changes) => (changes.includes('ruleName') ? 'replace' : 'update'),

  deleteAfter: (actual, all) => all.filter((other) => other.kind === 'EventBridgeTarget' && other.attributes.ruleName === actual.id),
};

/** The cluster's rules: names narrow the account's down, tags decide. */
export function rulesOf(inventory: Inventory): Promise<ActualResource[]> {
  return inventory.once('event rules', async () => {
    const events = await inventory.aws.service('events');
    const NamePrefix = inventory.clusterName.slice(0, prefixLength);
    const rules = await allPages(async (NextToken) => {
      const page = await events.listRules({ NamePrefix, NextToken });
      return { items: page.Rules, next: page.NextToken };
    });
    const described = await inParallel(rules, (rule) => ifThere(describeRule(events, rule)));
    return described.filter((rule) => rule !== undefined).filter(({ attributes }) => belongsTo(attributes.tags as Tags, inventory.clusterName));
  });
}

async function findRule(events: EventBridge, Name: string): Promise<ActualResource | undefined> {
  const rule = await ifThere(events.describeRule({ Name }));
  return rule && describeRule(events, rule);
}

async function describeRule(events: EventBridge, { Name: name = '', Arn: arn, EventPattern = '' }: Rule): Promise<ActualResource> {
  const { Tags: tags } = await events.listTagsForResource({ ResourceARN: arn });
  return found({ kind: 'EventBridgeRule', id: name, name, attributes: { ruleName: name, eventPattern: canonicalPolicy(EventPattern), tags: fromTagList(tags) }, outputs: { arn } });
}
