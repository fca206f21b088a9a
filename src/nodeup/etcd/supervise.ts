import type { Environment } from '../../lib/environment.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { StartedProgram } from '../../lib/start-program.ts';

const firstPauseMs = 1_000;
const longestPauseMs = 30_000;
/** Who ran for so long begins again with the first pause. */
const steadyMs = 60_000;
/** How long it may take to end by itself. */
const graceMs = 10_000;

export interface Supervised {
  /** Ends the program; resolves when it has ended. */
  stop(): Promise<void>;
}

/**
 * Keeps a program running until `stop` or the environment's signal: whenever it ends, or `start` fails, it is started again, after a pause that grows.
 * Its lines go to the log.
 */
export function supervise(environment: Environment, name: string, start: (onLine: (line: string) => void) => Promise<StartedProgram>): Supervised {
  const { clock, signal } = environment;
  const stopping = new AbortController();
  const log = environment.log.with({ program: name });
  let current: StartedProgram | undefined;

  /** Resolves with why it ended. */
  const once = async (): Promise<string> => {
    current = await start((line) => writeLine(log, line));
    if (stopping.signal.aborted) current.kill('SIGTERM');
    return current.ended;
  };
  const run = async (): Promise<void> => {
    for (let pauseMs = firstPauseMs; !stopping.signal.aborted; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      const since = clock.now();
      const why = await once().catch(messageOf);
      current = undefined;
      if (stopping.signal.aborted) return;
      if (clock.now() - since > steadyMs) pauseMs = firstPauseMs;
      log.error(`${name} does not run and is started again`, { why, pauseMs });
      await clock.sleep(pauseMs, stopping.signal).catch(() => undefined);
    }
  };
  const running = run();
  const terminate = (): void => {
    stopping.abort();
    current?.kill('SIGTERM');
  };
  signal.addEventListener('abort', terminate, { once: true });
  return {
    stop: async () => {
      terminate();
      const late = clock.setTimer(graceMs, () => current?.kill('SIGKILL'), { background: true });
      await running;
      late.cancel();
      signal.removeEventListener('abort', terminate);
    },
  };
}

/** etcd says how bad it is in two ways: `"level":"warn"`, before 3.5 ` W | `. */
function writeLine(log: Log, line: string): void {
  const level = /"level":"(\w+)"/.exec(line)?.[1] ?? / ([DINWEC]) \| /.exec(line)?.[1] ?? 'info';
  if (/^(error|fatal|panic|dpanic|[EC])$/.test(level)) log.error(line);
  else if (/^(warn|W)$/.test(level)) log.warn(line);
  else log.info(line);
}
