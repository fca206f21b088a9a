import type { EC2 } from '@aws-sdk/client-ec2';
import { CloudError, isCloudError } from '../../../src/cloud/errors.ts';
import type { OperationContext } from '../../../src/cloud/provider.ts';
import type { ActualResource } from '../../../src/cloud/resource.ts';
import type { AwsApi } from '../api/clients.ts';
import { waitUntil } from '../api/wait-until.ts';

/** What keeps a thing from being deleted. */
export interface Blocker {
  /** Id, what it is, whose it is: `eni-1 (of instance i-1, owner 111122223333)` */
  text: string;
  /** It goes by itself: an interface of something that was deleted. */
  leaving: boolean;
}

export type FindBlockers = (aws: AwsApi, options: { abortSignal: AbortSignal }) => Promise<Blocker[]>;

/** How long what goes by itself may take: load balancers let go of their interfaces minutes after they are deleted. */
const leavingLimitMs = 600_000;

/** Deletes what others may still use. It waits for those that go by themselves; for the rest it throws CloudError dependency, whose blockers name them and their owners. */
export async function deleteBlocked(aws: AwsApi, context: OperationContext, actual: ActualResource, find: FindBlockers, remove: (ec2: EC2) => Promise<unknown>): Promise<void> {
  const ec2 = await aws.service('ec2');
  const wait = { operation: `Delete${actual.kind}`, what: `what uses ${actual.id} to go`, everyMs: 5_000, limitMs: leavingLimitMs };
  await waitUntil(aws, context, wait, async (tell) => {
    try {
      await remove(ec2);
      return true;
    } catch (error) {
      if (!isCloudError(error, 'dependency')) throw error;
      const blockers = await known(find(aws, { abortSignal: context.signal }));
      if (blockers.length === 0 || blockers.some(({ leaving }) => !leaving)) throw blocked(actual, blockers, error);
      tell(blockers.map(({ text }) => text).join(', '));
      return undefined;
    }
  });
}

/** Who may not look has to do without names. */
async function known(look: Promise<Blocker[]>): Promise<Blocker[]> {
  try {
    return await look;
  } catch (error) {
    if (isCloudError(error, 'denied')) return [];
    throw error;
  }
}

function blocked(actual: ActualResource, found: readonly Blocker[], cause: CloudError): CloudError {
  const blockers = found.filter(({ leaving }) => !leaving).map(({ text }) => text);
  const by = blockers.length > 0 ? `is used by ${blockers.join(', ')}` : `is still in use: ${cause.message}`;
  return new CloudError('dependency', cause.operation, `${actual.id} ${by}`, {
    object: actual.id,
    blockers,
    suggestions: blockers.length > 0 ? ['Remove what is named there: it is not of this cluster.'] : [],
    cause,
  });
}

export function allOf(...finders: readonly FindBlockers[]): FindBlockers {
  return async (aws, options) => (await Promise.all(finders.map((find) => find(aws, options)))).flat();
}

export function blockerText(id: string | undefined, said: readonly (string | undefined)[]): string {
  const words = said.filter((part) => part !== undefined && part !== '');
  return words.length > 0 ? `${id} (${words.join(', ')})` : String(id);
}
