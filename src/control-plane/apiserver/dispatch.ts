import { qualifiedResource, StatusError } from '../../kube/status.ts';
import type { Call } from './core.ts';
import type { Verb } from './request-info.ts';
import type { Result } from './result.ts';
import { createObject } from './verbs/create.ts';
import { deleteCollection, deleteObject } from './verbs/delete.ts';
import { patchObject } from './verbs/patch.ts';
import { bindPod, evictPod } from './verbs/pod-writes.ts';
import { getObject, listObjects } from './verbs/read.ts';
import { review, reviews } from './verbs/reviews.ts';
import { getScale, patchScale, updateScale } from './verbs/scale.ts';
import { requestToken } from './verbs/token.ts';
import { updateObject } from './verbs/update.ts';
import { watchObjects } from './verbs/watch.ts';

type Operation = (call: Call) => Promise<Result>;
export type Operations = Partial<Record<Verb, Operation>>;

const stored: Operations = {
  get: getObject,
  list: listObjects,
  watch: watchObjects,
  create: createObject,
  update: updateObject,
  patch: patchObject,
  delete: deleteObject,
  deletecollection: deleteCollection,
};

const partOfObject: Operations = { get: getObject, update: updateObject, patch: patchObject };

/** By `resource/subresource` or `subresource`. */
const subresources: Record<string, Operations> = {
  status: partOfObject,
  finalize: { update: updateObject },
  scale: { get: getScale, update: updateScale, patch: patchScale },
  'pods/binding': { create: bindPod },
  'pods/eviction': { create: evictPod },
  'serviceaccounts/token': { create: requestToken },
};

/** Runs the verb of a request. `connect` has the subresources that reach out to nodes and pods. Throws StatusError. */
export function dispatch(call: Call, connect: Record<string, Operation>): Promise<Result> {
  const { info, target } = call;
  const { resource } = target.resource;
  if (info.subresource !== undefined) {
    const reach = connect[`${resource}/${info.subresource}`];
    if (reach) return reach(call);
    return runVerb(call, subresources[`${resource}/${info.subresource}`] ?? subresources[info.subresource]);
  }
  if (resource === 'bindings') return runVerb(call, { create: bindPod });
  if (resource in reviews) return runVerb(call, { create: review });
  return runVerb(call, stored);
}

function runVerb(call: Call, operations: Operations | undefined): Promise<Result> {
  const { info, target } = call;
  const operation = operations?.[info.verb];
  const known = info.subresource === undefined ? target.resource.verbs : target.resource.subresources.get(info.subresource)?.verbs;
  if (!operation || !known?.includes(info.verb)) throw methodNotAllowed(call);
  // Collections are created in and deleted as such; a single object has its name in the URL.
  const needsName = ['get', 'update', 'patch', 'delete'].includes(info.verb);
  if (needsName && info.name === undefined) throw methodNotAllowed(call);
  if (target.resource.namespaced && info.namespace === undefined && !['list', 'watch'].includes(info.verb)) throw methodNotAllowed(call);
  return operation(call);
}

function methodNotAllowed({ target, info }: Call): StatusError {
  const { group, resource } = target.resource;
  return new StatusError('MethodNotAllowed', 'the server does not allow this method on the requested resource', {
    group,
    kind: qualifiedResource(group, resource),
    name: info.name ?? '',
  });
}
