import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import type { Random } from './random.ts';

/** What code may know of the outside; made once by a composition root (a command, the daemon, a test) and handed down. */
export interface Environment {
  clock: Clock;
  random: Random;
  log: Log;
  /** Aborts when the user cancels or the process is told to stop. */
  signal: AbortSignal;
  /** Environment variables. */
  variables: Readonly<Record<string, string | undefined>>;
}
