import { KopsError } from '../lib/errors.ts';

export type StatusReason =
  | 'BadRequest'
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  | 'MethodNotAllowed'
  | 'NotAcceptable'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Gone'
  | 'Expired'
  | 'RequestEntityTooLarge'
  | 'UnsupportedMediaType'
  | 'Invalid'
  | 'TooManyRequests'
  | 'InternalError'
  | 'ServiceUnavailable'
  | 'Timeout';

const codes: Record<StatusReason, number> = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Gone: 410,
  Expired: 410,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServiceUnavailable: 503,
  Timeout: 504,
};

export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  /** `continue`: how to go on with a list whose first state is gone. */
  metadata: { continue?: string };
  status: 'Success' | 'Failure';
  message?: string;
  reason?: string;
  details?: StatusDetails;
  code: number;
}

/** A failure in Kubernetes' own form: thrown inside the API server, sent as metav1.Status, thrown again by every KubeClient. */
export class StatusError extends KopsError {
  readonly status: Status;

  constructor(reason: StatusReason | string, message: string, details?: StatusDetails, code?: number, metadata: Status['metadata'] = {}) {
    super(message, { code: `KUBE_${reason.toUpperCase()}`, exit: reason === 'NotFound' ? 'notFound' : reason === 'Conflict' || reason === 'AlreadyExists' ? 'conflict' : 'cloud' });
    this.name = 'StatusError';
    const status: Status = { kind: 'Status', apiVersion: 'v1', metadata, status: 'Failure', message, reason, code: code ?? codes[reason as StatusReason] ?? 500 };
    if (details) status.details = details;
    this.status = status;
  }

  get reason(): string {
    return this.status.reason ?? '';
  }

  static from(status: Partial<Status>): StatusError {
    return new StatusError(status.reason ?? 'InternalError', status.message ?? `the server answered ${status.code}`, status.details, status.code, status.metadata);
  }
}

export function isStatus(error: unknown, ...reasons: StatusReason[]): error is StatusError {
  return error instanceof StatusError && (reasons.length === 0 || reasons.includes(error.reason as StatusReason));
}

/** `pods` or `deployments.apps`: how Kubernetes names a resource in messages. */
export function qualifiedResource(group: string, resource: string): string {
  return group === '' ? resource : `${resource}.${group}`;
}

export function notFound(group: string, resource: string, name: string): StatusError {
  return new StatusError('NotFound', `${qualifiedResource(group, resource)} "${name}" not found`, { name, group, kind: resource });
}

export function alreadyExists(group: string, resource: string, name: string): StatusError {
  return new StatusError('AlreadyExists', `${qualifiedResource(group, resource)} "${name}" already exists`, { name, group, kind: resource });
}

export function conflict(
  group: string,
  resource: string,
  name: string,
  why = 'the object has been modified; please apply your changes to the latest version and try again',
): StatusError {
  return new StatusError('Conflict', `Operation cannot be fulfilled on ${qualifiedResource(group, resource)} "${name}": ${why}`, { name, group, kind: resource });
}

export function forbidden(group: string, resource: string, name: string, why: string): StatusError {
  return new StatusError('Forbidden', `${qualifiedResource(group, resource)}${name ? ` "${name}"` : ''} is forbidden: ${why}`, { name, group, kind: resource });
}

export function badRequest(message: string): StatusError {
  return new StatusError('BadRequest', message);
}

/** `causes` become the list in the message, as `kubectl` users know it: `Pod "x" is invalid: spec.containers: Required value`. */
export function invalid(group: string, kind: string, name: string, causes: readonly Required<StatusCause>[]): StatusError {
  const lines = causes.map((cause) => `${cause.field}: ${cause.message}`);
  const text = lines.length === 1 ? lines[0] : `[${lines.join(', ')}]`;
  return new StatusError('Invalid', `${group === '' ? kind : `${kind}.${group}`} "${name}" is invalid: ${text}`, { name, group, kind, causes: [...causes] });
}
