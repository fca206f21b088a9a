import { KopsError } from '../lib/errors.ts';

/** What a failure of a cloud call means for whoever called. */
export type CloudErrorClass =
  /** Fail now and say which permission. */
  | 'denied'
  /** Retry with back-off. */
  | 'throttled'
  /** Just made and not visible yet: retry. */
  | 'notYetVisible'
  /** Something still depends on it: retry; `blockers` says what. */
  | 'dependency'
  | 'capacity'
  | 'quota'
  | 'notFound'
  | 'alreadyExists'
  /** A parameter is wrong: retrying cannot help. */
  | 'invalid'
  /** Timeout or reset: the call may have had its effect. Look the thing up before trying again. */
  | 'ambiguous'
  /** The cloud is not reachable or answers nonsense. */
  | 'unavailable';

export class CloudError extends KopsError {
  readonly class: CloudErrorClass;
  /** `RunInstances`, `createVolume`: the cloud's own word. */
  readonly operation: string;
  readonly blockers: readonly string[];

  constructor(errorClass: CloudErrorClass, operation: string, message: string, options: { object?: string; suggestions?: string[]; blockers?: string[]; cause?: unknown } = {}) {
    super(message, {
      code: `CLOUD_${errorClass.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`,
      exit: errorClass === 'notFound' ? 'notFound' : errorClass === 'invalid' ? 'invalid' : 'cloud',
      ...(options.object === undefined ? {} : { object: options.object }),
      ...(options.suggestions ? { suggestions: options.suggestions } : {}),
      cause: options.cause,
    });
    this.name = 'CloudError';
    this.class = errorClass;
    this.operation = operation;
    this.blockers = options.blockers ?? [];
  }

  get retryable(): boolean {
    return this.class === 'throttled' || this.class === 'notYetVisible' || this.class === 'dependency' || this.class === 'ambiguous' || this.class === 'unavailable';
  }
}

export function isCloudError(error: unknown, ...classes: CloudErrorClass[]): error is CloudError {
  return error instanceof CloudError && (classes.length === 0 || classes.includes(error.class));
}
