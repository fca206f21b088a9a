import { CloudError, type CloudErrorClass } from '../../../src/cloud/errors.ts';
import { type ExitKind, KopsError, messageOf } from '../../../src/lib/errors.ts';

/** One call through the socket: `POST /call` with `{ operation, args }`; the answer is `{ result }` or `{ error }`. */
export interface CallBody {
  operation: string;
  args: unknown[];
}

export interface CallAnswer {
  result?: unknown;
  error?: WireError;
}

export const versionHeader = 'x-kops-ts-version';

export interface WireError {
  message: string;
  code: string;
  exit: ExitKind;
  object?: string;
  expected?: string;
  suggestions: string[];
  /** Cloud errors only. */
  class?: CloudErrorClass;
  operation?: string;
  blockers?: readonly string[];
}

export function toWireError(error: unknown): WireError {
  if (!(error instanceof KopsError)) return { message: `the local cloud failed: ${messageOf(error)}`, code: 'LOCAL_CLOUD_FAILED', exit: 'bug', suggestions: [] };
  const { message, code, exit, object, expected, suggestions } = error;
  return {
    message,
    code,
    exit,
    suggestions,
    ...(object === undefined ? {} : { object }),
    ...(expected === undefined ? {} : { expected }),
    ...(error instanceof CloudError ? { class: error.class, operation: error.operation, blockers: error.blockers } : {}),
  };
}

export function fromWireError(error: WireError): KopsError {
  if (error.class !== undefined) {
    const { object, suggestions, blockers = [] } = error;
    return new CloudError(error.class, error.operation ?? '', error.message, { ...(object === undefined ? {} : { object }), suggestions, blockers: [...blockers] });
  }
  const { message, ...options } = error;
  return new KopsError(message, options);
}
