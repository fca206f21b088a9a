import { CloudError, isCloudError } from '../../../src/cloud/errors.ts';
import type { OperationContext, Phase, ResourceKind } from '../../../src/cloud/provider.ts';
import type { ActualResource } from '../../../src/cloud/resource.ts';
import { KopsError } from '../../../src/lib/errors.ts';
import type { AwsApi } from '../api/clients.ts';
import { tagChanges } from '../api/tag-list.ts';
import type { AwsKindName, Tags } from '../attributes.ts';
import { awsCosts } from '../cost/costs.ts';
import { terraformForms } from '../terraform/index.ts';
import type { AwsKind, StrayKind, WantedResource } from './aws-kind.ts';

/** A kind as the provider SDK wants it. */
export function resourceKind(aws: AwsApi, kind: AwsKind, rank: number, phase: Phase | undefined): ResourceKind {
  const { effect, unordered, clearable, newOutputs, deleteAfter, refuses } = kind;
  const tolerant = eventually(aws);
  const cost = awsCosts[kind.kind];
  const terraform = terraformForms[kind.kind];
  return {
    kind: kind.kind,
    rank,
    create: (resource, context) => tolerant(resource, () => kind.create(aws, resource as unknown as WantedResource<AwsKindName>, context)),
    update: (actual, resource, changes, context) =>
      tolerant(resource, async () => {
        if (!kind.update) throw new KopsError(`a ${kind.kind} cannot change in place`, { code: 'NO_UPDATE', exit: 'bug', object: actual.name });
        return kind.update(aws, actual, resource as unknown as WantedResource<AwsKindName>, changes, context);
      }),
    delete: (actual, context) => remove(aws, kind, actual, context),
    effect,
    same: (field, found, attributes) => kind.same?.(field, found, attributes) ?? sameTags(field, found, attributes),
    ...(unordered ? { unordered } : {}),
    ...(clearable ? { clearable } : {}),
    ...(newOutputs ? { newOutputs } : {}),
    ...(deleteAfter ? { deleteAfter } : {}),
    ...(refuses ? { refuses } : {}),
    ...(phase ? { phase } : {}),
    terraform,
    ...(cost ? { cost } : {}),
  };
}

export function strayKind(aws: AwsApi, kind: StrayKind, rank: number): ResourceKind {
  const refuse = async (): Promise<never> => {
    throw new KopsError(`no plan makes a ${kind.kind}`, { code: 'NOT_IN_A_MODEL', exit: 'bug' });
  };
  const { deleteAfter } = kind;
  return {
    kind: kind.kind,
    rank,
    create: refuse,
    update: refuse,
    delete: (actual, context) => remove(aws, kind, actual, context),
    effect: () => 'replace',
    ...(deleteAfter ? { deleteAfter } : {}),
  };
}

async function remove(aws: AwsApi, kind: Pick<AwsKind, 'delete'>, actual: ActualResource, context: OperationContext): Promise<void> {
  aws.attempts.forget(actual.id);
  await kind.delete(aws, actual, context);
}

/** Tags that others put on are theirs. */
function sameTags(field: string, wanted: unknown, attributes: ActualResource['attributes']): boolean | undefined {
  if (field !== 'tags') return undefined;
  const { set, removed } = tagChanges((attributes.tags ?? {}) as Tags, wanted as Tags);
  return Object.keys(set).length === 0 && removed.length === 0;
}

/** As long as AWS may take to show what was just made to all of its parts. */
const visibleWithinMs = 60_000;

type Tolerant = <Answer>(resource: { name: string }, work: () => Promise<Answer>) => Promise<Answer>;

/** What a change refers to exists, or the plan would have made it: when AWS does not know it, then not yet. */
function eventually(aws: AwsApi): Tolerant {
  const firstMissedAt = new Map<string, number>();
  return async ({ name }, work) => {
    try {
      const answer = await work();
      firstMissedAt.delete(name);
      return answer;
    } catch (error) {
      if (!isCloudError(error, 'notFound')) throw error;
      const since = firstMissedAt.get(name) ?? aws.clock.now();
      firstMissedAt.set(name, since);
      if (aws.clock.now() - since >= visibleWithinMs) {
        firstMissedAt.delete(name);
        throw error;
      }
      throw new CloudError('notYetVisible', error.operation, error.message, { cause: error });
    }
  };
}
