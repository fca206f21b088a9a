import { differingFields } from '../../../src/cloud/differences.ts';
import { CloudError, isCloudError } from '../../../src/cloud/errors.ts';
import type { OperationContext } from '../../../src/cloud/provider.ts';
import type { ActualResource } from '../../../src/cloud/resource.ts';
import type { AwsApi } from '../api/clients.ts';
import { waitUntil } from '../api/wait-until.ts';
import type { AwsKindName, Tags } from '../attributes.ts';
import { clusterTag, ownershipTag } from '../model/tags.ts';
import type { AwsKind, WantedResource } from './aws-kind.ts';

export interface Creation {
  make(): Promise<unknown>;
  /** The one of this name, whoever it belongs to. */
  find(): Promise<ActualResource | undefined>;
  /** `make` does not fail where there is one already: it answers with it, or overwrites it. */
  lookFirst?: boolean;
}

/**
 * Creates what has a name of its own. One that is there already, perhaps because the answer to an earlier attempt was lost, is adopted and
 * brought to what is wanted. Resolves when it is visible. Throws CloudError alreadyExists, which names the owner, when it is somebody else's.
 */
export async function createOrAdopt<Kind extends AwsKindName>(
  kind: AwsKind<Kind>,
  aws: AwsApi,
  resource: WantedResource<Kind>,
  context: OperationContext,
  { make, find, lookFirst }: Creation,
): Promise<ActualResource> {
  const wait = { operation: `Create${resource.kind}`, what: `${resource.kind} ${resource.name} to be visible`, everyMs: 1_000, limitMs: 60_000 };
  const there = lookFirst ? await find() : undefined;
  if (there) return adopt(kind, aws, there, resource, context);
  try {
    await make();
  } catch (error) {
    if (isCloudError(error, 'alreadyExists')) return adopt(kind, aws, await waitUntil(aws, context, wait, find), resource, context);
    const found = isCloudError(error, 'ambiguous', 'unavailable') ? await find() : undefined;
    if (!found) throw error;
    return adopt(kind, aws, found, resource, context);
  }
  return waitUntil(aws, context, wait, find);
}

async function adopt<Kind extends AwsKindName>(
  kind: AwsKind<Kind>,
  aws: AwsApi,
  found: ActualResource,
  resource: WantedResource<Kind>,
  context: OperationContext,
): Promise<ActualResource> {
  const tags = found.attributes.tags as Tags | undefined;
  if (tags && !belongsTo(tags, resource.cluster)) throw foreign(found, tags);
  const changes = differingFields(resource.attributes, found, kind);
  if (changes.length === 0) return found;
  if (kind.update && kind.effect(changes) !== 'replace') return kind.update(aws, found, resource, changes, context);
  throw new CloudError('alreadyExists', `Create${found.kind}`, `${found.kind} ${found.name} (${found.id}) exists already, with another ${changes.join(', ')}`, {
    object: found.id,
    suggestions: ['Run the same command again: the plan then shows it as replaced.'],
  });
}

function foreign(found: ActualResource, tags: Tags): CloudError {
  const owner = tags[clusterTag];
  const whose = owner === undefined ? 'carries no tag of a cluster' : `belongs to the cluster ${owner}`;
  return new CloudError('alreadyExists', `Create${found.kind}`, `${found.kind} ${found.name} (${found.id}) exists already and ${whose}`, {
    object: found.id,
    suggestions: [owner === undefined ? `Delete it, or give it the tag ${clusterTag} with this cluster's name.` : `kops-ts delete cluster ${owner}`],
  });
}

/** What the cluster only shares says so. */
export function belongsTo(tags: Tags, cluster: string): boolean {
  const ownership = tags[ownershipTag(cluster)];
  return ownership === undefined ? tags[clusterTag] === cluster : ownership === 'owned';
}

/** For calls on something that was made a moment ago: AWS may not have heard of it everywhere. */
export async function soonThere<Answer>(work: Promise<Answer>): Promise<Answer> {
  try {
    return await work;
  } catch (error) {
    if (!isCloudError(error, 'notFound')) throw error;
    throw new CloudError('notYetVisible', error.operation, error.message, { cause: error });
  }
}

/** The answer, or undefined where there is nothing of that name: look-ups, and deletions of what is gone already. */
export async function ifThere<Answer>(work: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isCloudError(error, 'notFound')) return undefined;
    throw error;
  }
}

/** For looking through what may be somebody else's: what we have no leave to see is not ours. */
export async function ifReadable<Answer>(work: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isCloudError(error, 'notFound', 'denied')) return undefined;
    throw error;
  }
}
