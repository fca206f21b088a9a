import { isCloudError } from '../cloud/errors.ts';
import type { ResourceKind } from '../cloud/provider.ts';
import { type ActualResource, resourceKey } from '../cloud/resource.ts';
import type { Environment } from '../lib/environment.ts';
import { cancelled, KopsError, messageOf } from '../lib/errors.ts';
import type { OnApplyEvent } from './events.ts';
import { Graph } from './graph.ts';
import { withRetry } from './retry.ts';
import { walk } from './walk.ts';

export interface DeleteOptions {
  /** Asked again before every pass: what appeared meanwhile goes too. */
  inventory(): Promise<ActualResource[]>;
  kinds: ReadonlyMap<string, ResourceKind>;
  environment: Environment;
  onEvent: OnApplyEvent;
  beforeStep?(): Promise<void>;
  concurrency?: number;
  retryLimitMs?: number;
}

const maximumPasses = 20;
const defaultRetryLimitMs = 60_000;
/** What stands in the way and has a name is somebody's: a person has to see to it. */
const blockedLimitMs = 10_000;

/**
 * Deletes everything a cluster owns, dependents first, until a fresh look finds nothing. Shared resources stay. Throws DELETE_INCOMPLETE, which
 * says of each resource that is left why: when nothing goes any more, or when trying again cannot help.
 */
export async function deleteAll(options: DeleteOptions): Promise<void> {
  let before = Number.POSITIVE_INFINITY;
  for (let pass = 0; pass < maximumPasses; pass++) {
    if (pass > 1) await pauseBefore(pass, options.environment);
    const owned = (await options.inventory()).filter((resource) => resource.owned);
    if (owned.length === 0) return;
    const failed = await deletePass(owned, options);
    if (failed.size > 0 && (owned.length >= before || ![...failed.values()].some(mayPass))) throw stuck(failed);
    before = owned.length;
  }
  throw new KopsError(`resources keep appearing: gave up after ${maximumPasses} passes`, { code: 'DELETE_INCOMPLETE', exit: 'cloud' });
}

const firstPauseMs = 1_000;
const longestPauseMs = 10_000;

/** What was deleted a moment ago may still be shown. */
async function pauseBefore(pass: number, { clock, signal }: Environment): Promise<void> {
  await clock.sleep(Math.min(longestPauseMs, firstPauseMs * 2 ** (pass - 2)), signal).catch(() => undefined);
  if (signal.aborted) throw cancelled('Deleting the cluster');
}

function mayPass(error: unknown): boolean {
  return isCloudError(error) && error.retryable && error.blockers.length === 0;
}

async function deletePass(owned: readonly ActualResource[], options: DeleteOptions): Promise<Map<string, unknown>> {
  const byKey = new Map(owned.map((resource) => [resourceKey(resource), resource]));
  const graph = new Graph();
  for (const resource of owned) {
    graph.add(resourceKey(resource));
    for (const first of options.kinds.get(resource.kind)?.deleteAfter?.(resource, owned) ?? []) graph.connect(resourceKey(resource), resourceKey(first));
  }
  let done = 0;
  const total = owned.length;
  const { environment, onEvent } = options;
  const result = await walk({
    graph,
    concurrency: options.concurrency ?? 16,
    signal: environment.signal,
    run: async (key) => {
      const resource = byKey.get(key) as ActualResource;
      const { kind, name } = resource;
      const startedAt = environment.clock.now();
      onEvent({ type: 'started', action: 'delete', kind, name, done, total });
      try {
        const attempt = async () => {
          await options.beforeStep?.();
          await deleteOne(resource, options);
        };
        await withRetry(attempt, {
          environment,
          signal: environment.signal,
          limitMs: (error) => Math.min(options.retryLimitMs ?? defaultRetryLimitMs, error.blockers.length > 0 ? blockedLimitMs : Number.POSITIVE_INFINITY),
          onRetry: (message, afterMs) => onEvent({ type: 'retrying', kind, name, message, afterMs }),
        });
        done++;
        onEvent({ type: 'succeeded', action: 'delete', kind, name, id: resource.id, durationMs: environment.clock.now() - startedAt, done, total });
      } catch (error) {
        onEvent({ type: 'failed', action: 'delete', kind, name, message: messageOf(error), done, total });
        throw error;
      }
    },
  });
  if (environment.signal.aborted) throw cancelled('Deleting the cluster');
  return result.failed;
}

async function deleteOne(resource: ActualResource, options: DeleteOptions): Promise<void> {
  const kind = options.kinds.get(resource.kind);
  if (!kind) throw new KopsError(`nobody here can delete a ${resource.kind}`, { code: 'UNKNOWN_KIND', exit: 'bug', object: resource.name });
  const { kind: kindName, name } = resource;
  await kind.delete(resource, { signal: options.environment.signal, progress: (message) => options.onEvent({ type: 'progress', kind: kindName, name, message }) });
}

function stuck(failed: ReadonlyMap<string, unknown>): KopsError {
  const lines = [...failed].map(([key, error]) => `  ${key}: ${messageOf(error)}`);
  const advice = new Set([...failed.values()].flatMap((error) => (error instanceof KopsError ? error.suggestions : [])));
  return new KopsError(`these resources could not be deleted:\n${lines.join('\n')}`, {
    code: 'DELETE_INCOMPLETE',
    exit: 'cloud',
    suggestions: advice.size > 0 ? [...advice, 'Then run the same command again: it goes on where it stopped.'] : ['Remove what blocks them, then run the same command again.'],
    cause: [...failed.values()][0],
  });
}
