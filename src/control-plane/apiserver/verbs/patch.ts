import type { PatchType } from '../../../kube/client.ts';
import type { KubeObject } from '../../../kube/objects.ts';
import { badRequest, StatusError } from '../../../kube/status.ts';
import { deepClone, isPlainObject } from '../../../lib/json.ts';
import { decodePatch, mediaType } from '../body.ts';
import { type Call, groupVersion, keyIn } from '../core.ts';
import { parseBool } from '../request-info.ts';
import type { Result } from '../result.ts';
import { insert } from './create.ts';
import { checkObjectFields } from './input.ts';
import { changeObject } from './update.ts';

const patchTypes: readonly string[] = ['application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json', 'application/apply-patch+yaml'];

export async function patchObject(call: Call): Promise<Result> {
  const patchType = patchTypeOf(call);
  const patch = decodePatch(call);
  if (patchType === 'application/apply-patch+yaml') return applyObject(call, patch);
  const { core, target } = call;
  const definition = definitionOf(call);
  // A status leaves the spec alone, whose parts may stay the stored ones; defaults would change them in place.
  const isStatus = call.info.subresource === 'status';
  const make = (current: KubeObject) => {
    const next = core.policy.applyPatch(patchType, definition, current, patch);
    checkObjectFields(call, next, target.resource, () => '');
    // A patch may have taken them away; the rules of an update say what is wrong then.
    next.metadata ??= { name: '' };
    return isStatus ? next : deepClone(next);
  };
  return changeObject(call, { make, operation: 'Update' });
}

export function patchTypeOf({ headers }: Pick<Call, 'headers'>): PatchType {
  const type = mediaType(headers['content-type']);
  if (!patchTypes.includes(type))
    throw new StatusError('UnsupportedMediaType', `the body of the request was in an unknown format - accepted media types include: ${patchTypes.join(', ')}`);
  return type as PatchType;
}

async function applyObject(call: Call, patch: unknown): Promise<Result> {
  const { core, target, info, query } = call;
  const { resource } = target;
  const manager = query.get('fieldManager');
  if (!manager) throw new StatusError('Invalid', 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch');
  if (!isPlainObject(patch)) throw badRequest('error decoding YAML: the patch is no object');
  const applied = patch as KubeObject;
  if (applied.apiVersion !== groupVersion(resource) || applied.kind !== resource.kind) {
    throw badRequest(`Incorrect object type in patch: expected ${groupVersion(resource)}, Kind=${resource.kind}, got ${applied.apiVersion}, Kind=${applied.kind}`);
  }
  applied.metadata ??= { name: info.name ?? '' };
  applied.metadata.name ||= info.name ?? '';
  if (applied.metadata.name !== info.name) throw badRequest(`name in URL does not match name in patch: ${info.name} != ${applied.metadata.name}`);
  if (applied.metadata.managedFields?.length) throw badRequest('metadata.managedFields must be nil');
  if (resource.namespaced && info.namespace !== undefined) applied.metadata.namespace ||= info.namespace;
  checkObjectFields(call, applied, resource, () => '');
  const request = { definition: definitionOf(call), patch: applied, manager, force: parseBool(query.get('force')), subresource: info.subresource };
  await core.storage.fresh();
  if (!target.cache.get(keyIn(target, info.namespace, info.name)) && info.subresource === undefined) {
    return insert(call, core.policy.apply({ ...request, current: undefined }), 'Apply');
  }
  return changeObject(call, { make: (current) => core.policy.apply({ ...request, current }), operation: 'Apply' });
}

function definitionOf({ core, target }: Call): string {
  const { group, version, kind } = target.resource;
  return core.tables.definitionOf(group, version, kind) ?? kind;
}
