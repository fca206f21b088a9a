import type { Environment } from '../lib/environment.ts';
import { messageOf } from '../lib/errors.ts';
import { isPlainObject } from '../lib/json.ts';
import type { ApiAddress } from './bootstrap-objects.ts';
import { LeaseNotFoundError, prefixEnd, type Store } from './store/store.ts';

/** Not below `/registry/`: these are no objects. */
const prefix = '/kops-ts/apiservers/';
/** As Kubernetes' lease reconciler. */
const ttlSeconds = 15;
const everyMs = 10_000;

/** API servers on other machines that share this store: each keeps a key there for as long as it runs. */
export async function apiServersOf(store: Store): Promise<ApiAddress[]> {
  const { items } = await store.range(prefix, { end: prefixEnd(prefix) });
  return items.flatMap(({ value }) => {
    const address: unknown = JSON.parse(Buffer.from(value).toString());
    return isPlainObject(address) && typeof address.ip === 'string' && typeof address.port === 'number' ? [{ ip: address.ip, port: address.port }] : [];
  });
}

export interface FollowOptions {
  store: Store;
  environment: Environment;
  self: ApiAddress;
  /** Told again and again; writes only what changed. */
  publish(addresses: readonly ApiAddress[]): Promise<void>;
}

/** Says in the store that this API server runs, and publishes which do. After `stop`, the others are. */
export function followApiServers({ store, environment, self, publish }: FollowOptions): { stop(): Promise<void> } {
  const { clock, log } = environment;
  const stopping = new AbortController();
  let lease: number | undefined;

  const look = async (): Promise<void> => {
    lease = await keptKey(store, self, lease);
    await publish(await apiServersOf(store));
  };
  const following = (async () => {
    for (;;) {
      await look().catch((error: unknown) => log.warn('which API servers run is not known now', { error: messageOf(error) }));
      await clock.sleep(everyMs, stopping.signal);
    }
  })().catch(() => undefined);
  return {
    stop: async () => {
      stopping.abort();
      await following;
      if (lease === undefined) return;
      await store
        .revokeLease(lease)
        .then(async () => {
          const others = await apiServersOf(store);
          if (others.length > 0) await publish(others);
        })
        .catch((error: unknown) => log.debug('the end of this API server is not published', { error: messageOf(error) }));
    },
  };
}

/** The lease of this API server's key: the one it has, or a new one. */
async function keptKey(store: Store, self: ApiAddress, lease: number | undefined): Promise<number> {
  if (lease !== undefined) {
    const kept = await store.keepAliveLease(lease).then(
      () => true,
      (error: unknown) => {
        if (error instanceof LeaseNotFoundError) return false;
        throw error;
      },
    );
    if (kept) return lease;
  }
  const granted = await store.grantLease(ttlSeconds);
  await store.transaction([], [{ type: 'put', key: prefix + self.ip, value: Buffer.from(JSON.stringify(self)), lease: granted }]);
  return granted;
}
