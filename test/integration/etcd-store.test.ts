import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EtcdStoreOptions } from '../../src/control-plane/store/etcd/etcd-store.ts';
import { CompactedError, prefixEnd, type Store, StoreUnavailableError } from '../../src/control-plane/store/store.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import { messageOf } from '../../src/lib/errors.ts';
import { record } from '../contract/store.ts';
import { type EtcdFixture, etcdMissing, faster, startEtcd } from './etcd.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array | undefined) => new TextDecoder().decode(value);

/** Counts with compare-and-swap: the count is right only when each increment happened once. */
async function increment(store: Store, key: string): Promise<number> {
  for (;;) {
    const item = (await store.range(key)).items[0];
    const count = Number(text(item?.value)) + 1;
    if ((await store.transaction([{ key, modRevision: item?.modRevision ?? 0 }], [{ type: 'put', key, value: bytes(String(count)) }])).succeeded) return count;
  }
}

describe.skipIf(etcdMissing !== '')(`the store in three members of etcd${etcdMissing}`, () => {
  let etcd: EtcdFixture;
  const opened: Store[] = [];
  const open = async (options?: Partial<EtcdStoreOptions>) => {
    const store = await etcd.open(options);
    opened.push(store);
    return store;
  };
  const back = async (member: EtcdFixture['members'][number]) => {
    member.start();
    await (await etcd.open({ endpoints: [member.endpoint] })).close();
  };
  beforeAll(async () => {
    etcd = await startEtcd({ members: 3 });
  });
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
  });
  afterAll(() => etcd?.stop());

  it('counts right and watches without a gap while one member after another is killed and comes back', async () => {
    const store = await open();
    const [first, second] = etcd.members as [EtcdFixture['members'][number], EtcdFixture['members'][number]];
    const start = store.revision();
    const watch = record(store, 'count', prefixEnd('count'));
    const count = async (upTo: number) => {
      for (let done = 0; done < upTo; ) done = await increment(store, 'count');
    };
    await count(20);
    const [, counted] = [await first.kill(), count(60)];
    await counted;
    await back(first);
    await Promise.all([count(100), second.kill()]);
    await back(second);
    const { items } = await store.range('count');
    expect([text(items[0]?.value), items[0]?.version]).toEqual(['100', 100]);
    await watch.seen(start + 100);
    expect(watch.calls.map(({ revision, events }) => `${revision}: ${events.map(({ item }) => text(item.value))}`)).toEqual(
      Array.from({ length: 100 }, (_, index) => `${start + 1 + index}: ${index + 1}`),
    );
  });

  it('says that it is not available without a majority, and goes on by itself when there is one again', async () => {
    const store = await open({ clock: faster(20) });
    const watch = record(store, 'majority');
    const [, second, third] = etcd.members;
    await Promise.all([second?.kill(), third?.kill()]);
    const refused = await Promise.allSettled([store.range('majority'), store.transaction([], [{ type: 'put', key: 'majority', value: bytes('none') }])]);
    expect(refused.map((result) => result.status === 'rejected' && result.reason)).toEqual([expect.any(StoreUnavailableError), expect.any(StoreUnavailableError)]);
    expect(() => store.revision()).toThrow(StoreUnavailableError);
    second?.start();
    third?.start();
    const patient = await open();
    const { revision } = await patient.transaction([], [{ type: 'put', key: 'majority', value: bytes('again') }]);
    await watch.seen(revision);
    expect(text(watch.calls.at(-1)?.events[0]?.item.value)).toBe('again');
    expect(store.revision()).toBe(revision);
  });

  it('leaves a member that does not answer, and repeats there only what cannot happen twice', async () => {
    const [first] = etcd.members;
    const store = await open({ clock: faster(4) });
    await increment(store, 'frozen');
    const watch = record(store, 'frozen');
    first?.freeze();
    const unconditional = store.transaction([], [{ type: 'put', key: 'plain', value: bytes('1') }]);
    const compared = increment(store, 'frozen');
    const [lost, counted] = await Promise.allSettled([unconditional, compared, watch.seen(store.revision() + 1)]);
    first?.wake();
    expect(watch.calls.map(({ events }) => text(events[0]?.item.value))).toEqual(['2']);
    expect(lost.status === 'rejected' && messageOf(lost.reason)).toContain('whether it was carried out is not known');
    expect(counted).toEqual({ status: 'fulfilled', value: 2 });
    const onFirst = await open({ endpoints: [first?.endpoint ?? ''] });
    expect(await increment(onFirst, 'frozen')).toBe(3);
    expect((await store.range('frozen')).items[0]?.version).toBe(3);
  });

  it('finds out that a write happened whose answer was lost', async () => {
    const direct = await open();
    const wire = await lossyWire(etcd.endpoints[1] ?? '');
    const store = await open({ endpoints: [wire.endpoint], clock: faster(20) });
    const created = await store.transaction([{ key: 'lost', modRevision: 0 }], [{ type: 'put', key: 'lost', value: bytes('created') }]);
    const writes = [
      { name: 'an update', operation: { type: 'put', key: 'lost', value: bytes('updated') } as const },
      { name: 'a deletion', operation: { type: 'delete', key: 'lost' } as const },
      { name: 'a creation', operation: { type: 'put', key: 'lost', value: bytes('again') } as const },
    ];
    let [expected, last] = [created.revision, created.revision];
    for (const { name, operation } of writes) {
      const seen = record(direct, 'lost', undefined, last + 1);
      wire.loseAnswers();
      const write = store.transaction([{ key: 'lost', modRevision: expected }], [operation]);
      await seen.seen(last + 1);
      wire.cut();
      last = seen.calls[0]?.revision ?? 0;
      expect({ name, ...(await write) }).toEqual({ name, succeeded: true, revision: last, current: [] });
      expected = operation.type === 'delete' ? 0 : last;
    }
    expect((await direct.range('lost')).items[0]).toMatchObject({ version: 1, modRevision: expected });
    await wire.close();
  });

  it('does not take the write of another for its own', async () => {
    const direct = await open();
    const wire = await lossyWire(etcd.endpoints[1] ?? '');
    const store = await open({ endpoints: [wire.endpoint], clock: faster(20) });
    wire.loseAnswers();
    const put = (value: string) => ({ type: 'put', key: 'race', value: bytes(value) }) as const;
    const seen = record(direct, 'race');
    const write = store.transaction([{ key: 'race', modRevision: 0 }], [put('ours')]);
    await seen.seen(0);
    const ours = seen.calls[0]?.revision ?? 0;
    await direct.transaction([{ key: 'race', modRevision: ours }], [put('theirs')]);
    const second = store.transaction([{ key: 'race', modRevision: ours }], [put('ours')]);
    wire.cut();
    expect(await write).toEqual({ succeeded: true, revision: ours, current: [] });
    const lost = await second;
    expect([lost.succeeded, text(lost.current[0]?.value)]).toEqual([false, 'theirs']);
    await wire.close();
  });

  it('forgets what is older than five minutes, as time goes by', async () => {
    const clock = new VirtualClock();
    const store = await open({ clock });
    const { revision } = await store.transaction([], [{ type: 'put', key: 'old', value: bytes('1') }]);
    await store.transaction([], [{ type: 'put', key: 'old', value: bytes('2') }]);
    for (let interval = 0; interval < 2; interval++) await clock.advance(300_000);
    await expect.poll(() => store.range('old', { revision }).catch((error: unknown) => error)).toBeInstanceOf(CompactedError);
    expect(text((await store.range('old')).items[0]?.value)).toBe('2');
  });

  it('never splits a revision, however much there is to catch up', async () => {
    const store = await open();
    const value = new Uint8Array(10_000);
    const start = store.revision() + 1;
    for (let round = 0; round < 8; round++) {
      await store.transaction(
        [],
        Array.from({ length: 100 }, (_, index) => ({ type: 'put', key: `big/${index}`, value })),
      );
    }
    const watch = record(store, 'big/', prefixEnd('big/'), start);
    await watch.seen(start + 7);
    expect(watch.calls.map(({ revision, events }) => [revision, events.length])).toEqual(Array.from({ length: 8 }, (_, round) => [start + round, 100]));
  });
});

/** Between a store and a member: what the member answers can be withheld, as by a network that fails at the wrong moment. */
async function lossyWire(target: string): Promise<{ endpoint: string; loseAnswers(): void; cut(): void; close(): Promise<unknown> }> {
  const [host, port] = target.split(':') as [string, string];
  const sockets = new Set<Socket>();
  let losing = false;
  const server = await new Promise<Server>((resolve) => {
    const listening = createServer((client) => {
      const member = connect(Number(port), host);
      for (const socket of [client, member]) {
        sockets.add(socket);
        socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
      }
      client.on('data', (data) => member.write(data));
      member.on('data', (data) => !losing && client.write(data));
    }).listen(0, '127.0.0.1', () => resolve(listening));
  });
  const cut = () => {
    losing = false;
    for (const socket of sockets) socket.destroy();
  };
  return {
    endpoint: `127.0.0.1:${(server.address() as { port: number }).port}`,
    loseAnswers: () => {
      losing = true;
    },
    cut,
    close: () => {
      cut();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
