import type { Process } from '../container/process.ts';
import type { HttpService } from './http-service.ts';

export interface StopOptions {
  service: HttpService | readonly HttpService[];
  /** The code the real program exits with when it is asked to stop. */
  exitCode: number;
  signals?: readonly string[];
  /** Resolves with an exit code when the program ends by itself. */
  ended?: Promise<number>;
  /** Goes on serving this long after the signal. */
  delayMs?: number;
  onSignal?(signal: string): Promise<void>;
}

/** Serves until a signal comes or the program ends itself, then lets running requests finish. The exit code. */
export async function untilStopped(process: Process, options: StopOptions): Promise<number> {
  const services = [options.service].flat();
  const signal = process.signalled(...(options.signals ?? ['TERM', 'INT', 'QUIT']));
  const code = await (options.ended ? Promise.race([signal, process.until(options.ended)]) : signal);
  if (typeof code === 'string') {
    await options.onSignal?.(code);
    if (options.delayMs) await process.sleep(options.delayMs);
  }
  await Promise.all(services.map((service) => service.drain()));
  return typeof code === 'number' ? code : options.exitCode;
}
