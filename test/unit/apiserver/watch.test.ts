import { beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../src/kube/objects.ts';
import type { ApiWatchSink } from '../../../src/kube/request.ts';
import { resourceTypes } from '../../../src/kube/resource-types.ts';
import { configMap, json, startServer, type TestServer } from './server.ts';

const maps = '/api/v1/namespaces/default/configmaps';

/** A reader that can be slow. */
class Reader implements ApiWatchSink {
  ready = true;
  seen: { type: string; object: KubeObject; line: () => Uint8Array }[] = [];
  ended: { status: KubeObject | undefined } | undefined;
  private waiting: (() => void)[] = [];

  event(type: string, object: KubeObject, line: () => Uint8Array) {
    this.seen.push({ type, object, line });
  }
  end(status?: KubeObject) {
    this.ended = { status };
  }
  onReady(callback: () => void) {
    this.waiting.push(callback);
  }
  catchUp() {
    this.ready = true;
    for (const callback of this.waiting.splice(0)) callback();
  }
  get summary() {
    return this.seen.map(({ type, object }) => `${type} ${object.metadata.name ?? ''}`.trim());
  }
}

describe('API server: watches', () => {
  let server: TestServer;
  const watch = async (query: string, headers: Record<string, string> = {}) => {
    const response = await server.ask(`${maps}?watch=true&${query}`, { headers });
    if (response.body.type !== 'watch') throw new Error(JSON.stringify(json(response)));
    const reader = new Reader();
    const running = response.body.start(reader);
    return { reader, stop: () => running.stop() };
  };
  const create = (name: string) => server.client.create(resourceTypes.configMaps, configMap(name));

  beforeEach(async () => {
    server = await startServer();
  });

  it('encodes an event once for all readers', async () => {
    const [one, two] = [await watch(''), await watch('labelSelector=!nosuch')];
    await create('a');
    const [first, second] = [one.reader.seen[0], two.reader.seen[0]];
    expect(first?.line()).toBe(second?.line());
    expect(JSON.parse(Buffer.from(first?.line() ?? '').toString())).toEqual({ type: 'ADDED', object: first?.object });
  });

  it('tells idle readers how far they are', async () => {
    const { reader } = await watch('allowWatchBookmarks=true');
    const elsewhere = await server.client.create<KubeObject>(resourceTypes.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'elsewhere' } });
    await server.clock.advance(60_000);
    expect(reader.summary).toEqual(['BOOKMARK']);
    expect(reader.seen[0]?.object.metadata.resourceVersion).toBe(elsewhere.metadata.resourceVersion);
    await server.clock.advance(60_000);
    expect(reader.seen).toHaveLength(1);
  });

  it('marks the end of the initial objects', async () => {
    await create('a');
    const { reader } = await watch('sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true');
    expect(reader.summary).toEqual(['ADDED a', 'BOOKMARK']);
    expect(reader.seen[1]?.object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' });
  });

  it('ends after the time asked for', async () => {
    const { reader } = await watch('timeoutSeconds=5');
    await server.clock.advance(4999);
    expect(reader.ended).toBeUndefined();
    await server.clock.advance(1);
    expect(reader.ended).toEqual({ status: undefined });
  });

  it('keeps events for a slow reader, in order', async () => {
    const { reader } = await watch('');
    await create('a');
    reader.ready = false;
    await create('b');
    await create('c');
    expect(reader.summary).toEqual(['ADDED a']);
    reader.catchUp();
    expect(reader.summary).toEqual(['ADDED a', 'ADDED b', 'ADDED c']);
  });

  it('drops a reader that stays behind, and only that one', async () => {
    const slow = await watch('');
    const quick = await watch('');
    slow.reader.ready = false;
    const names = Array.from({ length: 50 }, (_, index) => `m${index}`);
    await Promise.all(names.map(create));
    for (let round = 0; round < 82; round++) {
      await Promise.all(names.map((name) => server.client.patch(resourceTypes.configMaps, 'default', name, { data: { round: String(round) } }, 'application/merge-patch+json')));
    }
    expect(slow.reader.ended?.status).toMatchObject({ code: 410, reason: 'Expired' });
    expect([quick.reader.ended, quick.reader.seen.length]).toEqual([undefined, 50 * 83]);
  });

  it('ends the watch of a reader that throws, and no other', async () => {
    const state: { error?: Error } = {};
    const event = () => {
      throw new Error('a bug of the reader');
    };
    server.client.watch(resourceTypes.configMaps, { namespace: 'default' }, { event, end: (error) => void Object.assign(state, { error }) });
    const { reader } = await watch('');
    await create('a');
    await create('b');
    expect([state.error?.message, reader.summary]).toEqual(['Internal error occurred: the watcher failed: a bug of the reader', ['ADDED a', 'ADDED b']]);
  });

  it('sends rows to readers of tables', async () => {
    const { reader } = await watch('', { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
    await create('a');
    await create('b');
    const tables = reader.seen.map(({ object }) => object as unknown as { kind: string; columnDefinitions: unknown; rows: { cells: string[] }[] });
    expect(tables.map(({ kind, rows }) => [kind, rows[0]?.cells[0]])).toEqual([
      ['Table', 'a'],
      ['Table', 'b'],
    ]);
    expect(tables[1]?.columnDefinitions).toBeNull();
  });

  it('sees nothing after it stopped, and ends with the server', async () => {
    const [stopped, open] = [await watch(''), await watch('')];
    stopped.stop();
    await create('a');
    server.api.stop();
    expect([stopped.reader.seen, open.reader.ended]).toEqual([[], { status: undefined }]);
  });
});
