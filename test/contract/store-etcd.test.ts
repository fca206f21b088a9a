import { afterAll, beforeAll, describe } from 'vitest';
import { realClock } from '../../src/lib/clock.ts';
import { type EtcdFixture, etcdMissing, startEtcd } from '../integration/etcd.ts';
import { emptied } from './rebased-store.ts';
import { storeContract } from './store.ts';

/** Real time passes: leases are as short as leaves room for a busy machine. */
const clock = { advance: (ms: number) => realClock.sleep(ms) };

describe.skipIf(etcdMissing !== '')(`a real etcd${etcdMissing}`, () => {
  let etcd: EtcdFixture;
  beforeAll(async () => {
    etcd = await startEtcd({ tls: true });
  });
  afterAll(() => etcd?.stop());
  storeContract('etcd, with client certificates', async () => ({ store: await emptied(await etcd.open()), clock, leaseSeconds: 2 }), 20);
});
