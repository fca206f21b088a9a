import type { ApiResource, ApiTables } from '../../kube/api/tables.ts';
import type { KubeletLookup } from '../../kube/kubelet-api.ts';
import type { UserInfo } from '../../kube/request.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import type { Random } from '../../lib/random.ts';
import { endpointsDeprecation } from './kinds/index.ts';
import type { KindContext, KindStrategy } from './kinds/strategy.ts';
import type { ApiPolicy } from './policy.ts';
import type { ResourceRequest } from './request-info.ts';
import type { ResourceCache } from './storage/resource-cache.ts';
import { resourcePrefix, type Storage } from './storage/storage.ts';
import type { ServiceAccountTokens } from './tokens.ts';

/** What every verb works with. */
export interface ApiCore {
  tables: ApiTables;
  storage: Storage;
  policy: ApiPolicy;
  clock: Clock;
  random: Random;
  log: Log;
  tokens: ServiceAccountTokens | undefined;
  kubelets: KubeletLookup;
  allocators: KindContext['allocators'];
}

/** One request to a resource, as far as it is understood and allowed. */
export interface Call {
  core: ApiCore;
  target: Target;
  info: ResourceRequest;
  user: UserInfo;
  query: URLSearchParams;
  headers: Record<string, string | undefined>;
  body: Uint8Array | object | undefined;
  signal: AbortSignal | undefined;
  /** Sent as Warning headers with the answer. */
  warnings: string[];
}

/** A served resource with its place in the storage and what is particular to its kind. */
export interface Target {
  resource: ApiResource;
  prefix: string;
  cache: ResourceCache;
  strategy: KindStrategy;
  /** Warnings that come with every answer. */
  warnings: readonly string[];
  /** Objects that are not written again for so long are deleted. */
  ttlSeconds: number | undefined;
}

/** As kube-apiserver's --event-ttl. */
const eventTtlSeconds = 3600;

export function makeTarget(core: Pick<ApiCore, 'storage' | 'policy'>, resource: ApiResource): Target {
  const prefix = resourcePrefix(resource.group, resource.resource);
  return {
    resource,
    prefix,
    cache: core.storage.cache(prefix),
    strategy: core.policy.strategyFor(resource),
    warnings: isCore(resource, 'endpoints') ? [endpointsDeprecation] : [],
    ttlSeconds: isCore(resource, 'events') ? eventTtlSeconds : undefined,
  };
}

function isCore({ group, resource }: ApiResource, name: string): boolean {
  return group === '' && resource === name;
}

export function keyIn(target: Target, namespace: string | undefined, name: string): string {
  return target.resource.namespaced ? `${target.prefix}${namespace}/${name}` : `${target.prefix}${name}`;
}

export function groupVersion({ group, version }: { group: string; version: string }): string {
  return group === '' ? version : `${group}/${version}`;
}
