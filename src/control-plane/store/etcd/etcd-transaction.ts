import type { Clock } from '../../../lib/clock.ts';
import { messageOf } from '../../../lib/errors.ts';
import type { Compare, KeyValue, StoreEvent, StoreOperation, TransactionResult } from '../store.ts';
import { type EtcdCluster, patienceMs } from './etcd-cluster.ts';
import { OutcomeUnknownError } from './etcd-errors.ts';
import { storeItem, transactionRequest } from './etcd-values.ts';
import { EtcdWatch } from './etcd-watch.ts';
import { txn } from './messages.ts';

/**
 * A transaction whose answer was lost may have been carried out. It is sent again only when it compares a key that it writes: then it
 * can happen once at most, since happening makes its own comparison fail. (Unless it creates a key that somebody else deletes again within
 * those seconds: then it is created once more.) When the repetition finds the comparison failed, the change
 * that ended the expected state says which attempt it was: just what was asked for, and it was ours; anything else, and the race was lost.
 * Every other write whose answer is lost ends with StoreUnavailableError: to repeat it could undo what came between.
 */
export async function transact(cluster: EtcdCluster, clock: Clock, compares: readonly Compare[], operations: readonly StoreOperation[]): Promise<TransactionResult> {
  const before = cluster.seen;
  const decisive = decisiveOf(compares, operations);
  const { response, doubtful } = await cluster.ask(txn, transactionRequest(compares, operations), operations.length === 0 || decisive !== undefined);
  const { succeeded, header } = response;
  const current = succeeded && operations.length > 0 ? [] : response.responses.flatMap(({ responseRange }) => responseRange?.kvs.map(storeItem) ?? []);
  if (!succeeded && doubtful && decisive) {
    const change = await changeFrom(cluster, clock, decisive.compare, current);
    if (change && change.item.modRevision > before && isJust(decisive.write, change)) return { succeeded: true, revision: change.item.modRevision, current: [] };
  }
  return { succeeded, revision: header.revision, current };
}

/** A comparison that no longer holds once the transaction was carried out, and the write that sees to it. */
function decisiveOf(compares: readonly Compare[], operations: readonly StoreOperation[]): { compare: Compare; write: StoreOperation } | undefined {
  for (const compare of compares) {
    const write = operations.find(({ key }) => key === compare.key);
    if (write && (write.type === 'put' || compare.modRevision > 0)) return { compare, write };
  }
  return undefined;
}

/** The change that ended the state the comparison expects; undefined when the key is still in that state. */
async function changeFrom(cluster: EtcdCluster, clock: Clock, { key, modRevision }: Compare, current: readonly KeyValue[]): Promise<StoreEvent | undefined> {
  const now = current.find((item) => item.key === key);
  if ((now?.modRevision ?? 0) === modRevision) return undefined;
  const from = modRevision > 0 ? modRevision + 1 : (now?.createRevision ?? 1);
  return new Promise((resolve, reject) => {
    const giveUp = clock.setTimer(patienceMs, () => watch.end(new Error('its history does not come')), { background: true });
    const watch = new EtcdWatch(cluster, clock, { key }, from, {
      events: ([event]) => {
        giveUp.cancel();
        watch.stop();
        resolve(event);
      },
      end: (error) => {
        giveUp.cancel();
        reject(new OutcomeUnknownError(messageOf(error)));
      },
    });
  });
}

function isJust(write: StoreOperation, { type, item }: StoreEvent): boolean {
  if (write.type !== type) return false;
  return write.type === 'delete' || (item.lease === write.lease && Buffer.compare(item.value, write.value) === 0);
}
