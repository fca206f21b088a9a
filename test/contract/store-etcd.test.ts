import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEtcdStore } from '../../src/control-plane/store/etcd/etcd-store.ts';
import { StoreUnavailableError } from '../../src/control-plane/store/store.ts';
import { realClock } from '../../src/lib/clock.ts';
import { silentLog } from '../../src/lib/log.ts';
import { type EtcdFixture, etcdMissing, faster, startEtcd, strangerTls } from '../integration/etcd.ts';
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

  it('is not opened by whoever it does not believe, and not without its certificate authority', async () => {
    const [own, stranger] = [etcd.tls, await strangerTls()];
    if (!own) throw new Error('a fixture with certificates has some');
    for (const tls of [
      { ...own, certificate: stranger.certificate, privateKey: stranger.privateKey },
      { ...own, certificateAuthority: stranger.certificateAuthority },
    ]) {
      await expect(openEtcdStore({ endpoints: etcd.endpoints, tls, clock: faster(20), log: silentLog })).rejects.toThrow(StoreUnavailableError);
    }
  });
});
