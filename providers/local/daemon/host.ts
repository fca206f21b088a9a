import { realClock } from '../../../src/lib/clock.ts';
import type { Environment } from '../../../src/lib/environment.ts';
import { createLog } from '../../../src/lib/log.ts';
import { systemRandom } from '../../../src/lib/random.ts';
import type { BootNode } from '../machine/shared.ts';
import { Daemon } from './daemon.ts';
import { acquireLock, type DaemonLock, watchHolder } from './lock.ts';
import { logFileSink } from './log-file.ts';
import { daemonPaths } from './paths.ts';
import { packageVersion } from './version.ts';
import { toWireError, type WireError } from './wire.ts';

/** What the process that was started says of itself: one line of JSON on its standard output. */
export type StartReport = { state: 'ready'; pid: number } | { state: 'running' } | { state: 'failed'; error: WireError };

/** Runs the daemon of a home in this process until it stops, or finds that another process does already. `exit` ends the process. */
export async function hostDaemon(options: { home: string; loadBootNode(): Promise<BootNode>; report(report: StartReport): void; exit(code: number): void }): Promise<void> {
  const { report, exit } = options;
  try {
    const lock = await lockOrPeer(daemonPaths(options.home).lock);
    if (!lock) {
      report({ state: 'running' });
      return exit(0);
    }
    // The one before may have taken its empty folders with it.
    const paths = daemonPaths(options.home);
    const stop = new AbortController();
    const log = createLog({ clock: realClock, sink: logFileSink(paths.log) });
    const environment: Environment = { clock: realClock, random: systemRandom, log, signal: stop.signal, variables: {} };
    // One broken connection must not end every cluster of the home; what happened is in the log.
    process.on('uncaughtException', (error) => log.error('uncaught exception', { error }));
    process.on('unhandledRejection', (error) => log.error('unhandled rejection', { error }));
    const daemon = await Daemon.start({ environment, paths, version: packageVersion(), bootNode: inBackground(options.loadBootNode), onStopped: () => exit(0) });
    let told = false;
    const onSignal = () => {
      if (told) return exit(1);
      told = true;
      void daemon.stop();
    };
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, onSignal);
    lock.announceReady();
    report({ state: 'ready', pid: process.pid });
  } catch (error) {
    report({ state: 'failed', error: toWireError(error) });
    exit(1);
  }
}

/** What nodes run is large: it loads while the first calls are answered. */
function inBackground(load: () => Promise<BootNode>): BootNode {
  const loading = load();
  loading.catch(() => undefined);
  return async (machine, cloud) => (await loading)(machine, cloud);
}

/** The lock, or undefined when another process has it and answers. One that ends leaves it to us. */
async function lockOrPeer(address: string): Promise<DaemonLock | undefined> {
  for (;;) {
    const lock = await acquireLock(address);
    if (lock) return lock;
    if ((await watchHolder(address, 'ready')) === 'ready') return undefined;
  }
}
