import { CloudError, isCloudError } from '../../src/cloud/errors.ts';
import type { OperationContext, Phase, ResolvedResource, ResourceKind } from '../../src/cloud/provider.ts';
import type { ActualResource } from '../../src/cloud/resource.ts';
import { deepEqual } from '../../src/lib/json.ts';
import type { CloudApi, CloudResource } from './cloud/api.ts';
import { isTemplateAttribute } from './cloud/instance-groups.ts';
import { kindRules, referencedIds } from './cloud/kind-rules.ts';
import { localCosts } from './costs.ts';

/** Contents of documents by their hash: the plan and the inventory speak of the hash alone, so that no secret is printed. */
export type DocumentContents = ReadonlyMap<string, string>;

const phases: Readonly<Record<string, Phase>> = { Network: 'network', Subnet: 'network', Firewall: 'security', KeyPair: 'security' };

/** Every kind of the local cloud, in the order of display. */
export function resourceKinds(api: CloudApi, contents: DocumentContents): ReadonlyMap<string, ResourceKind> {
  return new Map(Object.keys(kindRules).map((kind, rank) => [kind, resourceKind(api, contents, kind, rank)]));
}

function resourceKind(api: CloudApi, contents: DocumentContents, kind: string, rank: number): ResourceKind {
  const fixed = new Set(kindRules[kind]?.fixed);
  const cost = localCosts[kind];
  return {
    kind,
    rank,
    phase: phases[kind] ?? 'cluster',
    create: (resource, context) => create(api, contents, resource, context),
    update: async (actual, resource) => toActual(await api.update(actual.id, { ...resource.attributes }, contentOf(contents, resource))),
    delete: (actual, context) => remove(api, actual, context),
    effect: (changes) => (changes.some((field) => fixed.has(field)) ? 'replace' : kind === 'InstanceGroup' && changes.some(isTemplateAttribute) ? 'roll' : 'update'),
    deleteAfter: (actual, all) =>
      all.filter((other) => other !== actual && referencedIds(other.attributes).includes(actual.id)).concat(kind === 'Volume' ? groupsUsing(actual, all) : []),
    ...(cost ? { cost } : {}),
  };
}

async function create(api: CloudApi, contents: DocumentContents, resource: ResolvedResource, context: OperationContext): Promise<ActualResource> {
  const { kind, name, cluster } = resource;
  const attributes = { ...resource.attributes };
  const content = contentOf(contents, resource);
  let made: CloudResource;
  try {
    made = await api.create({ kind, name, cluster, attributes, ...(content === undefined ? {} : { content }) });
  } catch (error) {
    if (!isCloudError(error, 'alreadyExists')) throw error;
    made = await adopt(api, resource, content);
  }
  if (made.state === 'pending') context.progress(`waiting for ${made.id}`);
  return toActual(await api.waitUntilAvailable(made.id));
}

/** An earlier attempt had its effect although its answer was lost. */
async function adopt(api: CloudApi, resource: ResolvedResource, content: string | undefined): Promise<CloudResource> {
  const found = (await api.describe(resource.cluster)).find((candidate) => candidate.kind === resource.kind && candidate.name === resource.name);
  if (!found) throw new CloudError('notYetVisible', `create${resource.kind}`, `${resource.kind} ${resource.name} exists, but cannot be seen yet`, { object: resource.name });
  const same = deepEqual(found.attributes, resource.attributes);
  return same ? found : api.update(found.id, { ...resource.attributes }, content);
}

async function remove(api: CloudApi, actual: ActualResource, context: OperationContext): Promise<void> {
  if (actual.kind === 'InstanceGroup') context.progress('waiting for its instances to end');
  try {
    await api.remove(actual.id);
  } catch (error) {
    if (!isCloudError(error, 'notFound')) throw error;
  }
}

export function toActual(resource: CloudResource): ActualResource {
  const { id, kind, name, attributes, outputs, manager } = resource;
  const instanceGroup = attributes.instanceGroup;
  return { id, kind, name, attributes, outputs, owned: true, manager, ...(typeof instanceGroup === 'string' ? { instanceGroup } : {}) };
}

function contentOf(contents: DocumentContents, resource: ResolvedResource): string | undefined {
  return resource.kind === 'Document' ? contents.get(String(resource.attributes.sha256)) : undefined;
}

/** Etcd volumes are attached to instances of their group: the group goes first. */
function groupsUsing(volume: ActualResource, all: readonly ActualResource[]): ActualResource[] {
  return all.filter((other) => other.kind === 'InstanceGroup' && other.instanceGroup === volume.instanceGroup);
}
