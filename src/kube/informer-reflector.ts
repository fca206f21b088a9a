import type { Timer } from '../lib/clock.ts';
import type { Environment } from '../lib/environment.ts';
import { messageOf } from '../lib/errors.ts';
import type { KubeClient, ResourceType, Watch } from './client.ts';
import type { InformerOptions } from './informer.ts';
import type { KubeObject } from './objects.ts';
import { isStatus } from './status.ts';

export interface ReflectorTarget<T extends KubeObject> {
  /** A whole list: what is not in it is gone. */
  replace(objects: readonly T[]): void;
  put(object: T): void;
  remove(object: T): void;
}

const firstDelayMs = 200;
// Far below client-go's 30 s: a control plane that comes back shall be noticed within seconds.
const longestDelayMs = 5000;

/** Lists, then watches from there; again after the watch ends. Returns a function that stops it. */
export function runReflector<T extends KubeObject>(
  client: KubeClient,
  type: ResourceType,
  environment: Environment,
  options: InformerOptions,
  target: ReflectorTarget<T>,
): () => void {
  const { clock, log, random } = environment;
  let stopped = false;
  let watch: Watch | undefined;
  let timer: Timer | undefined;
  let delayMs = firstDelayMs;

  const retry = (action: () => void) => {
    if (stopped) return;
    timer = clock.setTimer(delayMs * (1 + random.next() / 2), action, { background: true });
    delayMs = Math.min(delayMs * 2, longestDelayMs);
  };

  const list = async () => {
    try {
      const result = await client.list<T>(type, options);
      if (stopped) return;
      target.replace(result.items);
      follow(result.metadata.resourceVersion);
    } catch (error) {
      log.debug('list failed', { error: messageOf(error) });
      retry(relist);
    }
  };
  const relist = () => {
    list().catch((error: unknown) => log.error('list failed', { error }));
  };

  const follow = (from: string) => {
    let version = from;
    watch = client.watch<T>(
      type,
      { ...options, resourceVersion: version },
      {
        event: (kind, object) => {
          if (stopped) return;
          delayMs = firstDelayMs;
          version = object.metadata.resourceVersion ?? version;
          if (kind === 'DELETED') target.remove(object);
          else if (kind !== 'BOOKMARK') target.put(object);
        },
        end: (error) => {
          if (stopped) return;
          if (!error) return retry(() => follow(version));
          if (!isStatus(error, 'Expired', 'Gone')) log.debug('watch failed', { error: messageOf(error) });
          retry(relist);
        },
      },
    );
  };

  relist();
  return () => {
    stopped = true;
    timer?.cancel();
    watch?.stop();
  };
}
