/** Exit codes of the command line; the same with and without JSON output. */
export const exitCodes = {
  ok: 0,
  changesPending: 2,
  invalid: 3,
  notFound: 4,
  conflict: 5,
  cloud: 6,
  notReady: 7,
  overBudget: 8,
  usage: 64,
  bug: 70,
  cancelled: 130,
} as const;

export type ExitKind = keyof typeof exitCodes;

export interface KopsErrorOptions {
  /** Stable, upper-case, for scripts: `CLUSTER_NOT_FOUND`. */
  code: string;
  exit: ExitKind;
  /** The thing it is about: a cluster's name, a path, a flag. */
  object?: string;
  expected?: string;
  /** What to do, each a sentence or a command that can be pasted. */
  suggestions?: string[];
  /** What programs are told besides, as it stands in the JSON of the error: `{ reasons: [...] }`. */
  details?: Readonly<Record<string, unknown>>;
  cause?: unknown;
}

/** An expected failure: names the thing, the place and the way out. Anything else that is thrown is a bug. */
export class KopsError extends Error {
  readonly code: string;
  readonly exit: ExitKind;
  readonly object: string | undefined;
  readonly expected: string | undefined;
  readonly suggestions: string[];
  readonly details: Readonly<Record<string, unknown>>;

  constructor(message: string, options: KopsErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'KopsError';
    this.code = options.code;
    this.exit = options.exit;
    this.object = options.object;
    this.expected = options.expected;
    this.suggestions = options.suggestions ?? [];
    this.details = options.details ?? {};
  }

  get exitCode(): number {
    return exitCodes[this.exit];
  }

  // oclif's outer handler reads `oclif.exit`; on the prototype it stays out of JSON output.
  get oclif(): { exit: number } {
    return { exit: this.exitCode };
  }
}

export function isKopsError(error: unknown, code?: string): error is KopsError {
  return error instanceof KopsError && (code === undefined || error.code === code);
}

/** The message of anything that can be thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` of a Node.js system error (`ENOENT`), or undefined. */
export function systemCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

export function cancelled(what: string): KopsError {
  return new KopsError(`${what} was cancelled`, { code: 'CANCELLED', exit: 'cancelled', suggestions: ['Run the same command again: it goes on where it stopped.'] });
}
