import type { Compare, KeyValue, StoreEvent, StoreOperation } from '../store.ts';
import type { EtcdEvent, EtcdKeyValue, RequestOp, TxnRequest } from './messages.ts';

export function storeItem({ lease, ...item }: EtcdKeyValue): KeyValue {
  return lease > 0 ? { ...item, lease } : item;
}

export function storeEvent({ type, kv, prevKv }: EtcdEvent): StoreEvent {
  const event: StoreEvent = { type: type === 0 ? 'put' : 'delete', item: storeItem(kv) };
  if (prevKv) event.previous = storeItem(prevKv);
  return event;
}

/** EQUAL and MOD of etcd's Compare. */
const equal = 0;
const modRevision = 2;

/** The operations when all comparisons hold; when not, or with nothing to do, what the compared keys are. */
export function transactionRequest(compares: readonly Compare[], operations: readonly StoreOperation[]): TxnRequest {
  const reads = compares.map(({ key }): RequestOp => ({ requestRange: { key } }));
  return {
    compare: compares.map((compare) => ({ ...compare, result: equal, target: modRevision })),
    success: operations.length === 0 ? reads : operations.map(requestOp),
    failure: reads,
  };
}

function requestOp(operation: StoreOperation): RequestOp {
  const { type, key } = operation;
  if (type === 'put') return { requestPut: { key, value: operation.value, ...(operation.lease === undefined ? {} : { lease: operation.lease }) } };
  return { requestDeleteRange: { key, ...(operation.end === undefined ? {} : { rangeEnd: operation.end }) } };
}
