import { CompactedError, type KeyValue, type Store, type StoreEvent, type StoreOperation } from '../../src/control-plane/store/store.ts';

/** Keys that no test of the contract looks at. */
const marker: StoreOperation = { type: 'put', key: '~emptied', value: new Uint8Array(0) };

/**
 * A store that many tests share, one after the other: emptied, and with its revisions counted from here, so that it is like a new one to
 * the next test. A new cluster for each would take minutes.
 */
export async function emptied(store: Store): Promise<Store> {
  await store.transaction([], [{ type: 'delete', key: '\0', end: '~' }]);
  const { revision } = await store.transaction([], [marker]);
  return rebased(store, revision - 1);
}

function rebased(store: Store, base: number): Store {
  const item = (one: KeyValue): KeyValue => ({ ...one, createRevision: Math.max(one.createRevision - base, 0), modRevision: one.modRevision - base });
  const event = (one: StoreEvent): StoreEvent => ({ ...one, item: item(one.item), ...(one.previous && { previous: item(one.previous) }) });
  const failure = (error: unknown) => (error instanceof CompactedError ? new CompactedError(error.compactRevision - base) : error);
  const rethrow = (error: unknown) => {
    throw failure(error);
  };
  return {
    revision: () => store.revision() - base,
    range: async (key, options = {}) => {
      const result = await store.range(key, { ...options, ...(options.revision && { revision: options.revision + base }) }).catch(rethrow);
      return { ...result, items: result.items.map(item), revision: result.revision - base };
    },
    transaction: async (compares, operations) => {
      const result = await store.transaction(
        compares.map(({ key, modRevision }) => ({ key, modRevision: modRevision && modRevision + base })),
        operations,
      );
      return { ...result, revision: result.revision - base, current: result.current.map(item) };
    },
    watch: (key, end, startRevision, watch) =>
      store.watch(key, end, startRevision && startRevision + base, {
        events: (events, revision) => watch.events(events.map(event), revision - base),
        end: (error) => watch.end(failure(error) as Error),
      }),
    compact: (revision) => store.compact(revision + base),
    grantLease: (ttlSeconds) => store.grantLease(ttlSeconds),
    keepAliveLease: (id) => store.keepAliveLease(id),
    revokeLease: (id) => store.revokeLease(id),
    close: () => store.close(),
  };
}
