import type { EC2 } from '@aws-sdk/client-ec2';
import { CloudError, isCloudError } from '../../../src/cloud/errors.ts';
import type { OperationContext } from '../../../src/cloud/provider.ts';
import type { AwsApi } from '../api/clients.ts';
import type { AwsKindName } from '../attributes.ts';
import type { AwsKind, WantedResource } from './aws-kind.ts';
import { Inventory } from './inventory.ts';

type Finder<Kind extends AwsKindName> = Pick<AwsKind<Kind>, 'kind' | 'list'>;

/** Something that was just made may not be visible yet: it is looked for again after these times. */
const looksMs = [0, 1_000, 2_000, 4_000, 8_000];

/**
 * The id of a thing that must exist once. A call whose answer was lost is not repeated before the thing was looked for among the
 * cluster's own; what is found is adopted. Called again after a later step failed, it goes on with what the first call made.
 * `token`: for calls that take one.
 */
export async function createOnce<Kind extends AwsKindName>(
  finder: Finder<Kind>,
  aws: AwsApi,
  resource: WantedResource<Kind>,
  context: OperationContext,
  make: (ec2: EC2, token: string) => Promise<string | undefined>,
): Promise<string> {
  const attempt = aws.attempts.of(`${resource.cluster} ${resource.kind}/${resource.name}`);
  if (attempt.id === undefined && attempt.uncertain) attempt.id = await adopt(finder, aws, resource, context);
  if (attempt.id !== undefined) return attempt.id;
  try {
    attempt.id = await make(await aws.once('ec2'), attempt.token);
  } catch (error) {
    if (!isCloudError(error, 'ambiguous', 'unavailable', 'alreadyExists')) throw error;
    attempt.uncertain = true;
    attempt.id = await adopt(finder, aws, resource, context);
    if (attempt.id === undefined) throw error;
  }
  if (attempt.id === undefined) throw new CloudError('unavailable', `Create${resource.kind}`, `AWS answered without the id of ${resource.kind} ${resource.name}`);
  return attempt.id;
}

async function adopt<Kind extends AwsKindName>(
  finder: Finder<Kind>,
  aws: AwsApi,
  { kind, name, cluster }: WantedResource<Kind>,
  context: OperationContext,
): Promise<string | undefined> {
  for (const lookMs of looksMs) {
    if (lookMs > 0) {
      context.progress(`looking whether ${name} was made although AWS did not say so`);
      await aws.clock.sleep(lookMs, context.signal);
    }
    const there = await finder.list(new Inventory(aws, cluster, context.signal));
    const same = there.find((resource) => resource.kind === kind && resource.name === name);
    if (same) return same.id;
  }
  return undefined;
}
