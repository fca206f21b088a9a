import type { KubeObject } from '../../../kube/objects.ts';
import { conflict, invalid, notFound } from '../../../kube/status.ts';
import { formatTime, parseTime } from '../../../lib/clock.ts';
import { deepEqual } from '../../../lib/json.ts';
import { decodeOptions } from '../body.ts';
import { type Call, keyIn } from '../core.ts';
import { parseBool } from '../request-info.ts';
import { plainResult, type Result, successStatus } from '../result.ts';
import { isLost, type Lost } from '../storage/storage.ts';
import type { StoredObject } from '../storage/stored-object.ts';
import { claimsOf } from './claims.ts';
import { admit, unstored } from './create.ts';
import { isDryRun } from './input.ts';
import { select, selectionFor } from './read.ts';
import { isReleased, specFinalizers } from './update.ts';

export interface Deletion {
  gracePeriodSeconds: number | undefined;
  propagationPolicy: string | undefined;
  uid: string | undefined;
  resourceVersion: string | undefined;
}

export async function deleteObject(call: Call): Promise<Result> {
  return deleteNamed(call, readDeletion(call));
}

export async function deleteCollection(call: Call): Promise<Result> {
  const deletion = readDeletion(call);
  await call.core.storage.fresh();
  const found = select(call.target, selectionFor(call));
  await Promise.all(found.map((stored) => deleteFound(call, stored, deletion)));
  return { type: 'list', items: found, metadata: { resourceVersion: String(call.core.storage.revision) } };
}

async function deleteFound(call: Call, { object: { metadata } }: StoredObject, deletion: Deletion): Promise<void> {
  const info = { ...call.info, name: metadata.name, namespace: metadata.namespace };
  try {
    await deleteNamed({ ...call, info }, deletion);
  } catch (error) {
    if ((error as { reason?: string }).reason !== 'NotFound') throw error;
  }
}

/** Marks the object as going, or removes it when nothing holds it. */
export async function deleteNamed(call: Call, deletion: Deletion): Promise<Result> {
  const { core, target, info } = call;
  await core.storage.fresh();
  let current = target.cache.get(keyIn(target, info.namespace, info.name ?? ''));
  for (;;) {
    if (!current) throw notFound(target.resource.group, target.resource.resource, info.name ?? '');
    checkPreconditions(call, current.object, deletion);
    await admit(call, 'DELETE', undefined, current.object);
    const outcome = await attempt(call, current, deletion);
    if (!('lost' in outcome)) return outcome;
    current = outcome.current;
  }
}

async function attempt(call: Call, current: StoredObject, deletion: Deletion): Promise<Result | Lost> {
  const { core, target } = call;
  const next = markDeleted(call, current.object, deletion);
  const remove = next === undefined || isReleased(next);
  if (!remove && deepEqual(next, current.object)) return { type: 'object', stored: current, status: 200 };
  if (isDryRun(call)) return remove ? removed(call, current) : { type: 'object', stored: unstored(current.key, next, current.revision), status: 200 };
  const { strategy, ttlSeconds } = target;
  const stored = await (remove ? core.storage.remove(current, claimsOf(strategy, undefined, current.object)) : core.storage.put(current.key, next, current, { ttlSeconds }));
  if (isLost(stored)) return stored;
  return remove ? removed(call, stored) : { type: 'object', stored, status: 200 };
}

const returnsDeletedObject = new Set(['pods', 'serviceaccounts', 'services']);

function removed(call: Call, stored: StoredObject): Result {
  const { group, resource } = call.target.resource;
  if (returnsDeletedObject.has(resource)) return { type: 'object', stored, status: 200 };
  const { name, uid } = stored.object.metadata;
  return plainResult(successStatus({ name, group, kind: resource, ...(uid !== undefined && { uid }) }));
}

/** The object with the marks of its deletion; undefined when it goes at once whatever it holds. */
function markDeleted({ core, target }: Call, object: KubeObject, deletion: Deletion): KubeObject | undefined {
  const next: KubeObject = { ...object, metadata: { ...object.metadata } };
  const { metadata } = next;
  setPropagation(next, deletion.propagationPolicy);
  const grace = target.strategy.graceSeconds?.(object, deletion.gracePeriodSeconds) ?? 0;
  if (metadata.deletionTimestamp === undefined) {
    metadata.deletionTimestamp = formatTime(core.clock.now() + grace * 1000);
    metadata.deletionGracePeriodSeconds = grace;
    if (metadata.generation !== undefined) metadata.generation += 1;
    if (target.resource.resource === 'namespaces' && specFinalizers(next).length > 0) next.status = { ...(next.status as object | undefined), phase: 'Terminating' };
    return next;
  }
  const before = metadata.deletionGracePeriodSeconds ?? 0;
  if (target.strategy.graceSeconds && deletion.gracePeriodSeconds !== undefined && grace < before) {
    metadata.deletionTimestamp = formatTime(parseTime(metadata.deletionTimestamp) - (before - grace) * 1000);
    metadata.deletionGracePeriodSeconds = grace;
  }
  return next;
}

/** The garbage collector reads the policy from these finalizers. */
function setPropagation({ metadata }: KubeObject, policy: string | undefined): void {
  if (policy === undefined) return;
  const kept = (metadata.finalizers ?? []).filter((finalizer) => finalizer !== 'orphan' && finalizer !== 'foregroundDeletion');
  if (policy === 'Orphan') kept.push('orphan');
  if (policy === 'Foreground') kept.push('foregroundDeletion');
  if (kept.length > 0) metadata.finalizers = kept;
  else delete metadata.finalizers;
}

/** Throws StatusError Conflict. */
export function checkPreconditions({ target }: Pick<Call, 'target'>, { metadata }: KubeObject, { uid, resourceVersion }: Deletion): void {
  const { group, resource } = target.resource;
  if (uid !== undefined && uid !== metadata.uid) {
    throw conflict(group, resource, metadata.name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`);
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    throw conflict(
      group,
      resource,
      metadata.name,
      `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${metadata.resourceVersion}`,
    );
  }
}

/** From the body, or from the query as `kubectl delete --raw` and older clients send it. */
function readDeletion(call: Call): Deletion {
  return deletionFrom(decodeOptions(call), call.query);
}

const policies = ['Background', 'Foreground', 'Orphan'];

function checkPropagation(policy: unknown, orphan: unknown): void {
  const refuse = (field: string, message: string, reason: string) => {
    throw invalid('meta.k8s.io', 'DeleteOptions', '', [{ reason, field, message }]);
  };
  if (policy && orphan !== undefined) {
    refuse('propagationPolicy', `Invalid value: ${JSON.stringify(policy)}: orphanDependents and deletionPropagation cannot be both set`, 'FieldValueInvalid');
  }
  if (policy && !policies.includes(String(policy))) {
    refuse('propagationPolicy', `Unsupported value: ${JSON.stringify(policy)}: supported values: "Foreground", "Background", "Orphan", "nil"`, 'FieldValueNotSupported');
  }
}

/** Throws StatusError Invalid. */
export function deletionFrom(options: Record<string, unknown>, query: URLSearchParams): Deletion {
  const preconditions = (options.preconditions ?? {}) as { uid?: string; resourceVersion?: string };
  const grace = options.gracePeriodSeconds ?? (query.has('gracePeriodSeconds') ? Number(query.get('gracePeriodSeconds')) : undefined);
  const orphan = options.orphanDependents ?? (query.has('orphanDependents') ? parseBool(query.get('orphanDependents')) : undefined);
  const asked = options.propagationPolicy ?? query.get('propagationPolicy') ?? undefined;
  checkPropagation(asked, orphan);
  const policy = asked ?? (orphan === true ? 'Orphan' : orphan === false ? 'Background' : undefined);
  for (const value of Array.isArray(options.dryRun) ? options.dryRun : []) query.append('dryRun', String(value));
  return {
    gracePeriodSeconds: typeof grace === 'number' ? grace : undefined,
    propagationPolicy: typeof policy === 'string' && policy !== '' ? policy : undefined,
    uid: preconditions.uid,
    resourceVersion: preconditions.resourceVersion,
  };
}
