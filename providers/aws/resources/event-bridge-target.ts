import type { EventBridge } from '@aws-sdk/client-eventbridge';
import { CloudError } from '../../../src/cloud/errors.ts';
import type { ActualResource } from '../../../src/cloud/resource.ts';
import { allPages, inParallel } from '../api/parallel.ts';
import { ifThere, soonThere } from './adopt.ts';
import type { AwsKind } from './aws-kind.ts';
import { rulesOf } from './event-bridge-rule.ts';
import { found } from './ownership.ts';

/** Each of the cluster's rules has one target; its id is kops'. */
const targetId = '1';

export const eventBridgeTarget: AwsKind<'EventBridgeTarget'> = {
  kind: 'EventBridgeTarget',

  list: async (inventory) => {
    const events = await inventory.aws.service('events');
    const targets = await inParallel(await rulesOf(inventory), (rule) => targetsOf(events, rule.id));
    return targets.flat();
  },

  // The same call creates and overwrites.
  create: async (aws, { attributes: { ruleName, targetArn } }) => {
    const events = await aws.service('events');
    const { FailedEntries: [failed] = [] } = await soonThere(events.putTargets({ Rule: ruleName, Targets: [{ Id: targetId, Arn: targetArn }] }));
    refuse(failed, 'PutTargets', ruleName);
    return actualTarget(ruleName, targetId, targetArn);
  },

  update: (aws, _actual, resource, _changes, context) => eventBridgeTarget.create(aws, resource, context),

  delete: async (aws, actual) => {
    const events = await aws.service('events');
    const Rule = String(actual.attributes.ruleName);
    const answer = await ifThere(events.removeTargets({ Rule, Ids: [actual.id.slice(Rule.length + 1)] }));
    refuse(answer?.FailedEntries?.[0], 'RemoveTargets', Rule);
  },

  effect: (changes) => (changes.includes('ruleName') ? 'replace' : 'update'),
};

/** These calls succeed although they did not do it. */
function refuse(failed: { ErrorCode?: string | undefined; ErrorMessage?: string | undefined } | undefined, operation: string, rule: string): void {
  if (!failed || failed.ErrorCode === 'ResourceNotFoundException') return;
  const errorClass = failed.ErrorCode === 'ConcurrentModificationException' ? 'throttled' : 'invalid';
  throw new CloudError(errorClass, operation, `events ${operation}: ${failed.ErrorCode}: ${failed.ErrorMessage}`, { object: rule });
}

async function targetsOf(events: EventBridge, rule: string): Promise<ActualResource[]> {
  const targets = await allPages(async (NextToken) => {
    const page = await ifThere(events.listTargetsByRule({ Rule: rule, NextToken }));
    return { items: page?.Targets, next: page?.NextToken };
  });
  return targets.map(({ Id = '', Arn = '' }) => actualTarget(rule, Id, Arn));
}

function actualTarget(ruleName: string, id: string, targetArn: string): ActualResource {
  // Another one that somebody added by hand is listed, too: the rule cannot be deleted before it.
  const name = id === targetId ? `${ruleName}-Target` : `${ruleName}-Target-${id}`;
  return found({ kind: 'EventBridgeTarget', id: `${ruleName}/${id}`, name, attributes: { ruleName, targetArn } });
}
