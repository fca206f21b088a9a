import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Environment } from '../../../src/lib/environment.ts';
import { KopsError } from '../../../src/lib/errors.ts';
import type { StartReport } from './host.ts';
import type { DaemonPaths } from './paths.ts';
import { fromWireError } from './wire.ts';

const startLimitMs = 30_000;

/** Starts the daemon as a process of its own, unless one runs; resolves when it answers. `entry`: the file to run. */
export async function startDaemon(environment: Environment, paths: DaemonPaths, entry: string = defaultEntry()): Promise<void> {
  mkdirSync(paths.folder, { recursive: true, mode: 0o700 });
  const log = openSync(paths.log, 'a', 0o600);
  const child = spawn(process.execPath, [...loaderFor(entry), entry, '--home', paths.home], { cwd: paths.home, detached: true, stdio: ['ignore', 'pipe', log] });
  closeSync(log);
  child.unref();
  try {
    const report = await new Promise<StartReport>((resolve, reject) => {
      const timer = environment.clock.setTimer(startLimitMs, () => reject(notStarted(paths, `it did not answer within ${startLimitMs / 1000} seconds`)));
      let text = '';
      child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (!text.includes('\n')) return;
        timer.cancel();
        resolve(JSON.parse(text) as StartReport);
      });
      child.on('error', (error) => reject(notStarted(paths, error.message)));
      child.on('close', (code, signal) => {
        timer.cancel();
        reject(notStarted(paths, `its process ended with ${signal ?? `code ${code}`}`));
      });
    });
    if (report.state === 'failed') throw fromWireError(report.error);
  } finally {
    child.stdout?.destroy();
    child.removeAllListeners();
  }
}

function notStarted(paths: DaemonPaths, why: string): KopsError {
  return new KopsError(`the local cloud of ${paths.home} did not start: ${why}`, {
    code: 'LOCAL_CLOUD_NOT_STARTED',
    exit: 'cloud',
    object: paths.home,
    suggestions: [`See its log: tail ${paths.log}`],
  });
}

/** Beside this file: compiled, or as source in development. */
function defaultEntry(): string {
  const here = import.meta.url;
  return fileURLToPath(new URL(here.endsWith('.ts') ? './main.ts' : './main.js', here));
}

function loaderFor(entry: string): string[] {
  return entry.endsWith('.ts') ? ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href] : [];
}
