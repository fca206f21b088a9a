import type { KubeObject } from '../../../kube/objects.ts';
import { alreadyExists, badRequest, invalid, StatusError } from '../../../kube/status.ts';
import { timestamp } from '../../../lib/clock.ts';
import { deepClone } from '../../../lib/json.ts';
import { nameSuffix, uuid } from '../../../lib/random.ts';
import { type Call, keyIn } from '../core.ts';
import type { KindContext } from '../kinds/strategy.ts';
import type { Result } from '../result.ts';
import { isLost, resourcePrefix } from '../storage/storage.ts';
import { encodeValue, StoredObject } from '../storage/stored-object.ts';
import { claimAttempts, claimsContended, claimsOf } from './claims.ts';
import { isDryRun, managerOf, readObject } from './input.ts';

const nameRetries = 8;
const namespacePrefix = resourcePrefix('', 'namespaces');
const maxGeneratedPrefix = 58;

export async function createObject(call: Call): Promise<Result> {
  const object = readObject(call);
  if (call.info.name !== undefined) throw new StatusError('MethodNotAllowed', 'the server does not allow this method on the requested resource');
  return insert(call, object, 'Update');
}

/** Everything between a decoded new object and its place in the store. */
export async function insert(call: Call, object: KubeObject, operation: 'Update' | 'Apply'): Promise<Result> {
  const { target } = call;
  if (object.metadata.resourceVersion) throw badRequest('resourceVersion should not be set on objects to be created');
  target.strategy.default(object);
  // What admission and the server add is nobody's, and neither is the status: it is not the writer's to set.
  const tracked = target.strategy.hasStatus ? { ...object, status: undefined } : object;
  if (operation === 'Update') call.core.policy.trackFields(tracked, undefined, { manager: managerOf(call), operation, subresource: undefined });
  // Another API server may have made the namespace just now.
  const { namespace } = call.info;
  if (namespace !== undefined && !call.core.storage.cache(namespacePrefix).get(namespacePrefix + namespace)) await call.core.storage.fresh();
  await admit(call, 'CREATE', object, undefined);
  fillMetadata(call, object);
  const context = contextOf(call);
  target.strategy.prepareForCreate(object, context);
  const generated = object.metadata.name === '' || object.metadata.name === undefined ? object.metadata.generateName : undefined;
  for (let attempt = 1; ; attempt++) {
    if (generated) object.metadata.name = generated.slice(0, maxGeneratedPrefix) + nameSuffix(call.core.random);
    const result = await insertOnce(call, object, context);
    if (result) return result;
    if (!generated || attempt === nameRetries) throw alreadyExists(target.resource.group, target.resource.resource, object.metadata.name);
  }
}

/** Undefined when the name is taken. */
async function insertOnce(call: Call, object: KubeObject, context: KindContext): Promise<Result | undefined> {
  const { core, target } = call;
  const { strategy, resource } = target;
  const key = keyIn(target, object.metadata.namespace, object.metadata.name);
  const causes = strategy.validate(object);
  if (causes.length > 0) throw invalid(resource.group, resource.kind, object.metadata.name, causes);
  if (target.cache.get(key)) return undefined;
  call.warnings.push(...strategy.warnings(object));
  for (let attempt = 1; attempt <= claimAttempts; attempt++) {
    // What is chosen for it is chosen anew when somebody else was faster.
    const chosen = strategy.claims ? deepClone(object) : object;
    strategy.allocate?.(chosen, undefined, context);
    try {
      if (isDryRun(call)) return { type: 'plain', object: chosen, status: 201 };
      const stored = await core.storage.put(key, chosen, undefined, { ttlSeconds: target.ttlSeconds, claims: claimsOf(strategy, chosen, undefined) });
      if (!isLost(stored)) return { type: 'object', stored, status: 201 };
      if (!stored.claimed) return undefined;
    } finally {
      strategy.release?.(chosen, undefined, context);
    }
  }
  throw claimsContended(object.metadata.name);
}

function fillMetadata({ core }: Call, object: KubeObject): void {
  const { metadata } = object;
  metadata.uid = uuid(core.random);
  metadata.creationTimestamp = timestamp(core.clock);
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete (metadata as { selfLink?: string }).selfLink;
  if (!metadata.name) delete (metadata as Partial<typeof metadata>).name;
}

export function contextOf({ core, user, info }: Call): KindContext {
  const context: KindContext = { user, clock: core.clock, random: core.random, allocators: core.allocators };
  if (info.subresource !== undefined) context.subresource = info.subresource;
  return context;
}

export async function admit(call: Call, operation: 'CREATE' | 'UPDATE' | 'DELETE', object: KubeObject | undefined, old: KubeObject | undefined): Promise<void> {
  const { core, target, info, user } = call;
  const name = object?.metadata.name ?? old?.metadata.name ?? info.name ?? '';
  const { resource } = target;
  await core.policy.admit({ operation, resource, subresource: info.subresource, namespace: info.namespace, name, object, old, user, dryRun: isDryRun(call) });
}

/** What a dry run answers: as if it had been stored at `revision`. */
export function unstored(key: string, object: KubeObject, revision: number): StoredObject {
  return new StoredObject(key, object, encodeValue(object), revision);
}
