import { bytes, flag, integer, type Message, many, message, one, text } from './protobuf-message.ts';

/** The messages of etcd's v3 API that a store needs, with the fields it needs of them. Names and numbers: etcd's rpc.proto and kv.proto. */

export interface Header {
  revision: number;
}

export interface EtcdKeyValue {
  key: string;
  createRevision: number;
  modRevision: number;
  version: number;
  value: Uint8Array;
  /** 0: none. */
  lease: number;
}

export interface RangeRequest {
  key: string;
  rangeEnd?: string;
  limit?: number;
  revision?: number;
  countOnly?: boolean;
}

export interface RangeResponse {
  header: Header;
  kvs: EtcdKeyValue[];
  count: number;
}

export interface RequestOp {
  requestRange?: RangeRequest;
  requestPut?: { key: string; value: Uint8Array; lease?: number };
  requestDeleteRange?: { key: string; rangeEnd?: string };
}

export interface TxnRequest {
  compare: { result: number; target: number; key: string; modRevision: number }[];
  success: RequestOp[];
  failure: RequestOp[];
}

export interface TxnResponse {
  header: Header;
  succeeded: boolean;
  responses: { responseRange?: { kvs: EtcdKeyValue[] } }[];
}

export interface EtcdEvent {
  /** 0: put, 1: delete. */
  type: number;
  kv: EtcdKeyValue;
  prevKv?: EtcdKeyValue;
}

export interface WatchRequest {
  createRequest: { key: string; rangeEnd?: string; startRevision: number; prevKv: boolean };
}

export interface WatchResponse {
  header: Header;
  created: boolean;
  canceled: boolean;
  compactRevision: number;
  cancelReason: string;
  events: EtcdEvent[];
}

/** A call of the API: its path, and how both sides read. */
export interface Method<Request, Response> {
  path: string;
  request: Message<Request>;
  response: Message<Response>;
}

const header = message<Header>({ revision: integer(3) });
const keyValue = message<EtcdKeyValue>({ key: text(1), createRevision: integer(2), modRevision: integer(3), version: integer(4), value: bytes(5), lease: integer(6) });
const rangeRequest = message<RangeRequest>({ key: text(1), rangeEnd: text(2), limit: integer(3), revision: integer(4), countOnly: flag(9) });
const requestOp = message<RequestOp>({
  requestRange: one(1, rangeRequest),
  requestPut: one(2, message<NonNullable<RequestOp['requestPut']>>({ key: text(1), value: bytes(2), lease: integer(3) })),
  requestDeleteRange: one(3, message<NonNullable<RequestOp['requestDeleteRange']>>({ key: text(1), rangeEnd: text(2) })),
});

export const range: Method<RangeRequest, RangeResponse> = {
  path: '/etcdserverpb.KV/Range',
  request: rangeRequest,
  response: message<RangeResponse>({ header: one(1, header), kvs: many(2, keyValue), count: integer(4) }),
};

export const txn: Method<TxnRequest, TxnResponse> = {
  path: '/etcdserverpb.KV/Txn',
  request: message<TxnRequest>({
    compare: many(1, message<TxnRequest['compare'][number]>({ result: integer(1), target: integer(2), key: text(3), modRevision: integer(6) })),
    success: many(2, requestOp),
    failure: many(3, requestOp),
  }),
  response: message<TxnResponse>({
    header: one(1, header),
    succeeded: flag(2),
    responses: many(3, message<TxnResponse['responses'][number]>({ responseRange: one(1, message<{ kvs: EtcdKeyValue[] }>({ kvs: many(2, keyValue) })) })),
  }),
};

export const compaction: Method<{ revision: number }, { header: Header }> = {
  path: '/etcdserverpb.KV/Compact',
  request: message({ revision: integer(1) }),
  response: message({ header: one(1, header) }),
};

export const leaseGrant: Method<{ ttl: number; id: number }, { header: Header }> = {
  path: '/etcdserverpb.Lease/LeaseGrant',
  request: message({ ttl: integer(1), id: integer(2) }),
  response: message({ header: one(1, header) }),
};

export const leaseRevoke: Method<{ id: number }, { header: Header }> = {
  path: '/etcdserverpb.Lease/LeaseRevoke',
  request: message({ id: integer(1) }),
  response: message({ header: one(1, header) }),
};

/** A stream by its definition; one request and one answer are a stream, too. `ttl` 0: there is no such lease. */
export const leaseKeepAlive: Method<{ id: number }, { header: Header; ttl: number }> = {
  path: '/etcdserverpb.Lease/LeaseKeepAlive',
  request: message({ id: integer(1) }),
  response: message({ header: one(1, header), ttl: integer(3) }),
};

/** A stream: one request, then answers until one side ends it. */
export const watch: Method<WatchRequest, WatchResponse> = {
  path: '/etcdserverpb.Watch/Watch',
  request: message<WatchRequest>({
    createRequest: one(1, message<WatchRequest['createRequest']>({ key: text(1), rangeEnd: text(2), startRevision: integer(3), prevKv: flag(6) })),
  }),
  response: message<WatchResponse>({
    header: one(1, header),
    created: flag(3),
    canceled: flag(4),
    compactRevision: integer(5),
    cancelReason: text(6),
    events: many(11, message<EtcdEvent>({ type: integer(1), kv: one(2, keyValue), prevKv: one(3, keyValue) })),
  }),
};
