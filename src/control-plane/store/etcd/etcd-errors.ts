import type { ServiceError } from '@grpc/grpc-js';
import { StoreUnavailableError } from '../store.ts';

/** gRPC's status codes, as far as they are told apart here. */
export const status = {
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  notFound: 5,
  failedPrecondition: 9,
  outOfRange: 11,
  internal: 13,
  unavailable: 14,
} as const;

/** etcd refused the request: asking again, or another member, gives the same answer. */
export class EtcdRefusal extends Error {
  readonly status: number;
  constructor({ code, details, message }: ServiceError) {
    super(details ?? message);
    this.name = 'EtcdRefusal';
    this.status = code;
  }
}

/** The write may have been carried out or not. */
export class OutcomeUnknownError extends StoreUnavailableError {
  constructor(why: string) {
    super(`the answer to a write was lost, and whether it was carried out is not known (${why})`);
  }
}

/** What a failed attempt says: `refused` for good, `unsent` (nothing happened, another member may do it), or `lost` (it may have happened). */
export type Failure = 'refused' | 'unsent' | 'lost';

const otherMemberMay = ['etcdserver: no leader', 'etcdserver: not leader', 'etcdserver: rpc not supported for learner', 'etcdserver: too many requests'];

export function failureOf({ code, details }: ServiceError): Failure {
  if (otherMemberMay.includes(details)) return 'unsent';
  return code === status.unavailable || code === status.cancelled || code === status.internal || code === status.unknown ? 'lost' : 'refused';
}
