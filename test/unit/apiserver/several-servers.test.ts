import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../src/control-plane/store/memory-store.ts';
import { CompactedError, type Store, type StoreWatch } from '../../../src/control-plane/store/store.ts';
import { resourceTypes } from '../../../src/kube/resource-types.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { collect } from '../../contract/kube-client-suite.ts';
import { configMap, startServer } from './server.ts';

const { configMaps } = resourceTypes;

/** A connection to a store whose watches can break, and then have missed what was forgotten meanwhile. */
function breakable(store: Store): Store & { breakOff(): void; forgotten(): void } {
  const watches = new Set<{ stop(): void; watch: StoreWatch }>();
  const delegate = Object.create(store) as Store;
  return Object.assign(delegate, {
    watch: (key: string, end: string | undefined, startRevision: number | undefined, watch: StoreWatch) => {
      const entry = { stop: store.watch(key, end, startRevision, watch).stop, watch };
      watches.add(entry);
      return entry;
    },
    breakOff: () => {
      for (const { stop } of watches) stop();
    },
    forgotten: () => {
      for (const entry of watches) {
        watches.delete(entry);
        entry.watch.end(new CompactedError(store.revision()));
      }
    },
  });
}

describe('several API servers on one store', () => {
  it('one that missed what the store forgot finds out what changed; watches go on, and resume only from what is known', async () => {
    const clock = new VirtualClock();
    const shared = createMemoryStore({ clock });
    const cut = breakable(shared);
    const other = await startServer({ store: shared, clock });
    const server = await startServer({ store: cut, clock });
    await other.client.create(configMaps, configMap('gone'));
    await other.client.create(configMaps, configMap('changed'));
    const known = (await server.client.list(configMaps)).metadata?.resourceVersion ?? '';
    const watch = collect(server.client, configMaps, { namespace: 'default', resourceVersion: known });
    cut.breakOff();
    await other.client.delete(configMaps, 'default', 'gone');
    const { metadata } = await other.client.create(configMaps, configMap('new'));
    await other.client.patch(configMaps, 'default', 'changed', { data: { a: '1' } }, 'application/merge-patch+json');
    cut.forgotten();
    await watch.seen(3);
    expect(watch.events.map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual(['ADDED new', 'MODIFIED changed', 'DELETED gone']);
    expect(await server.client.list(configMaps, { namespace: 'default' })).toEqual(await other.client.list(configMaps, { namespace: 'default' }));
    const late = collect(server.client, configMaps, { namespace: 'default', resourceVersion: metadata.resourceVersion ?? '' });
    expect(await late.end()).toMatchObject({ reason: 'Expired' });
    await other.client.create(configMaps, configMap('after'));
    await watch.seen(4);
    expect(watch.events.at(-1)?.object.metadata.name).toBe('after');
    watch.stop();
  });
});
