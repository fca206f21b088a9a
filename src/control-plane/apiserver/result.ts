import type { KubeObject } from '../../kube/objects.ts';
import type { ApiBody, ApiResponse } from '../../kube/request.ts';
import { type Status, type StatusDetails, StatusError } from '../../kube/status.ts';
import type { StoredObject } from './storage/stored-object.ts';

/** The answer of a verb before content negotiation. */
export type Result =
  | { type: 'object'; stored: StoredObject; status: number }
  /** Not stored: dry runs, reviews, scales, Status. */
  | { type: 'plain'; object: object; status: number }
  | { type: 'list'; items: readonly StoredObject[]; metadata: ListMetadata }
  | { type: 'response'; response: ApiResponse };

export interface ListMetadata {
  resourceVersion: string;
  continue?: string;
  remainingItemCount?: number;
}

export function plainResult(object: object, status = 200): Result {
  return { type: 'plain', object, status };
}

/** A body whose JSON is made when a socket needs it. */
export function objectBody(object: object): ApiBody {
  return { type: 'object', object: object as KubeObject, encoded: () => Buffer.from(JSON.stringify(object)) };
}

export function textResponse(status: number, text: string, contentType = 'text/plain; charset=utf-8'): ApiResponse {
  return { status, headers: { 'x-content-type-options': 'nosniff' }, body: { type: 'bytes', contentType, bytes: Buffer.from(text) } };
}

export function jsonResponse(object: object, status = 200): ApiResponse {
  return { status, body: objectBody(object) };
}

export function successStatus(details?: StatusDetails, code = 200): Status {
  const status: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code };
  if (details) status.details = details;
  return status;
}

/** What clients are told of an error; an unexpected one is an InternalError. */
export function statusOf(error: unknown): Status {
  if (error instanceof StatusError) return error.status;
  const message = error instanceof Error ? error.message : String(error);
  return new StatusError('InternalError', `Internal error occurred: ${message}`).status;
}

export function errorResponse(error: unknown): ApiResponse {
  const status = statusOf(error);
  const response = jsonResponse(status, status.code);
  if (status.details?.retryAfterSeconds !== undefined) response.headers = { 'retry-after': String(status.details.retryAfterSeconds) };
  if (status.code === 401) response.headers = { 'www-authenticate': 'Basic realm="kubernetes-master"' };
  return response;
}
