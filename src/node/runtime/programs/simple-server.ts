import { systemCode } from '../../../lib/errors.ts';
import type { Process } from '../container/process.ts';
import { slashTime } from './access-log.ts';
import { type HttpExchange, type HttpService, serveHttp } from './http-service.ts';
import { untilStopped } from './until-stopped.ts';

export const plainText = { 'Content-Type': 'text/plain; charset=utf-8' };

/** Serves one handler until it is stopped, as small Go servers do; says so when the port is taken. */
export async function simpleServer(process: Process, address: string, port: number, handle: (exchange: HttpExchange) => void | Promise<void>): Promise<number> {
  let service: HttpService;
  try {
    service = await serveHttp(process, { address, port }, handle);
  } catch (error) {
    const problem = systemCode(error) === 'EADDRINUSE' ? 'address already in use' : 'cannot assign requested address';
    await process.warn(`${slashTime(process.machine.clock.now())} listen tcp ${address}:${port}: bind: ${problem}\n`);
    return 1;
  }
  return untilStopped(process, { service, exitCode: 0 });
}

/** `X-Forwarded-For` from Node's lower-case form. */
export function headerName(name: string): string {
  return name.replaceAll(/(^|-)[a-z]/g, (start) => start.toUpperCase());
}
