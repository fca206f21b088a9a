import { realClock } from '../lib/clock.ts';
import type { Environment } from '../lib/environment.ts';
import { cancelled } from '../lib/errors.ts';
import { createLog, type LogLevel } from '../lib/log.ts';
import { systemRandom } from '../lib/random.ts';

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

const toPerson = (message: string): unknown => process.stderr.write(`\n${message}\n`);

/** The real outside of one command: clock, chance, environment variables, signals. Log lines go to stderr from KOPS_TS_LOG_LEVEL (default: error) up. `say`: told that a signal is obeyed. */
export function createProcessEnvironment(what: string, say: (message: string) => unknown = toPerson): Environment {
  const variables = processVariables();
  const level = levels.find((name) => name === variables.KOPS_TS_LOG_LEVEL) ?? 'error';
  const log = createLog({ clock: realClock, sink: (line) => process.stderr.write(line), level });
  return { clock: realClock, random: systemRandom, log, signal: cancellation(what, say), variables };
}

export function processVariables(): Readonly<Record<string, string | undefined>> {
  // biome-ignore lint/style/noProcessEnv: this file is where the process is adapted
  return process.env;
}

/** The first signal cancels: nothing new starts, what runs is finished and saved. The second ends the process at once. */
function cancellation(what: string, say: (message: string) => unknown): AbortSignal {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(130);
    say('Stopping: what has begun is finished and saved. Once more to stop at once.');
    controller.abort(cancelled(what));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return controller.signal;
}
