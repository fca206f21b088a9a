import type { KubeObject } from '../../../kube/objects.ts';
import { conflict, invalid, notFound } from '../../../kube/status.ts';
import { deepClone, deepEqual } from '../../../lib/json.ts';
import { type Call, keyIn } from '../core.ts';
import type { Result } from '../result.ts';
import { isLost, type Lost } from '../storage/storage.ts';
import type { StoredObject } from '../storage/stored-object.ts';
import { claimAttempts, claimsContended, claimsOf } from './claims.ts';
import { admit, contextOf, insert, unstored } from './create.ts';
import { checkName, isDryRun, managerOf, readObject } from './input.ts';

/** Makes the wanted state from the current one; called again when the write lost a race. What it shares with the current one is frozen and stays as it is. */
export interface Change {
  make(current: KubeObject): KubeObject;
  operation: 'Update' | 'Apply';
  /** What managedFields call it, when that is not the subresource whose rules apply. */
  managedSubresource?: string;
  /** The server's own change: the kind's rules for clients do not apply. */
  trusted?: boolean;
}

/** Kinds that a PUT may create, as in Kubernetes. */
const createdByUpdate = new Set(['endpoints', 'events', 'leases', 'roles', 'rolebindings', 'clusterroles', 'clusterrolebindings', 'services']);

export async function updateObject(call: Call): Promise<Result> {
  const input = readObject(call);
  const { info, target } = call;
  checkName(call, input);
  await call.core.storage.fresh();
  const exists = target.cache.get(keyIn(target, info.namespace, input.metadata.name)) !== undefined;
  if (!exists && info.subresource === undefined && createdByUpdate.has(target.resource.resource) && !input.metadata.resourceVersion) return insert(call, input, 'Update');
  return changeObject(call, { make: () => deepClone(input), operation: 'Update' });
}

/** Reads, changes and writes until no other write came between. */
export async function changeObject(call: Call, change: Change): Promise<Result> {
  const { core, target, info } = call;
  const { group, resource } = target.resource;
  await core.storage.fresh();
  let current = target.cache.get(keyIn(target, info.namespace, info.name ?? ''));
  for (let contended = 0; contended < claimAttempts; ) {
    if (!current) throw notFound(group, resource, info.name ?? '');
    const outcome = await attempt(call, current, change);
    if (!('lost' in outcome)) return outcome;
    if (outcome.claimed) contended++;
    current = outcome.current;
  }
  throw claimsContended(info.name ?? '');
}

async function attempt(call: Call, current: StoredObject, change: Change): Promise<Result | Lost> {
  const { core, target } = call;
  const { strategy } = target;
  const next = prepared(call, change.make(current.object), current);
  if (!change.trusted) strategy.default(next);
  await admit(call, 'UPDATE', next, current.object);
  const context = contextOf(call);
  strategy.prepareForUpdate(next, current.object, context);
  if (!change.trusted) checkUpdate(call, next, current.object);
  if (unchanged(next, current.object, change.operation)) return { type: 'object', stored: current, status: 200 };
  // A subresource leaves the spec alone, and shares the stored one.
  if (call.info.subresource === undefined) strategy.allocate?.(next, current.object, context);
  try {
    if (change.operation === 'Update')
      core.policy.trackFields(next, current.object, { manager: managerOf(call), operation: 'Update', subresource: change.managedSubresource ?? call.info.subresource });
    if (isDryRun(call)) return { type: 'object', stored: unstored(current.key, next, current.revision), status: 200 };
    const stored = await write(call, next, current);
    return isLost(stored) ? stored : { type: 'object', stored, status: 200 };
  } finally {
    strategy.release?.(next, current.object, context);
  }
}

function write({ core, target }: Call, next: KubeObject, current: StoredObject): Promise<StoredObject | Lost> {
  const { strategy, ttlSeconds } = target;
  if (isReleased(next)) return core.storage.remove(current, claimsOf(strategy, undefined, current.object));
  return core.storage.put(current.key, next, current, { ttlSeconds, claims: claimsOf(strategy, next, current.object) });
}

/** With metadata of its own and the server's part of them; a status is written over the stored spec. */
function prepared(call: Call, made: KubeObject, current: StoredObject): KubeObject {
  const next: KubeObject = { ...made, metadata: { ...made.metadata } };
  if (call.info.subresource === 'status' && current.object.spec !== undefined) next.spec = current.object.spec;
  carryMetadata(call, next, current);
  return next;
}

function checkUpdate(call: Call, next: KubeObject, old: KubeObject): void {
  const { group, kind } = call.target.resource;
  const causes = call.target.strategy.validateUpdate(next, old);
  if (causes.length > 0) throw invalid(group, kind, old.metadata.name, causes);
  call.warnings.push(...call.target.strategy.warnings(next));
}

/** The server's own metadata stay; a version or uid that was sent must be the current one. */
function carryMetadata(call: Call, next: KubeObject, current: StoredObject): void {
  const { group, resource } = call.target.resource;
  const { metadata } = next;
  const old = current.object.metadata;
  if (metadata.resourceVersion && metadata.resourceVersion !== '0' && metadata.resourceVersion !== old.resourceVersion) throw conflict(group, resource, old.name);
  if (metadata.uid && metadata.uid !== old.uid)
    throw conflict(group, resource, old.name, `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${old.uid}`);
  delete metadata.resourceVersion;
  delete (metadata as { selfLink?: string }).selfLink;
  for (const field of ['uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'generation', 'generateName'] as const) {
    if (old[field] === undefined) delete metadata[field];
    else Object.assign(metadata, { [field]: old[field] });
  }
}

function unchanged(next: KubeObject, old: KubeObject, operation: Change['operation']): boolean {
  const comparable = ({ metadata: { resourceVersion: _, managedFields, ...metadata }, ...rest }: KubeObject) => {
    const managers = operation === 'Apply' ? (managedFields ?? []).map((entry) => ({ ...(entry as object), time: undefined })) : undefined;
    return { ...rest, metadata, managers };
  };
  return !isReleased(next) && deepEqual(comparable(next), comparable(old));
}

/** An object that waits to be deleted goes when nothing holds it any more. */
export function isReleased(object: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = object.metadata;
  return deletionTimestamp !== undefined && deletionGracePeriodSeconds === 0 && finalizers.length === 0 && specFinalizers(object).length === 0;
}

/** Namespaces are held by finalizers in their spec as well. */
export function specFinalizers(object: KubeObject): string[] {
  if (object.kind !== 'Namespace' || object.apiVersion !== 'v1') return [];
  return (object.spec as { finalizers?: string[] } | undefined)?.finalizers ?? [];
}
