import { systemCode } from '../../../lib/errors.ts';
import type { Process, Program } from '../container/process.ts';
import { commonLogTime, quoted } from './access-log.ts';
import { type HttpExchange, type HttpService, send, serveHttp } from './http-service.ts';
import { untilStopped } from './until-stopped.ts';

/** Stands for a program whose code is not here: answers HTTP on the ports its container declares, or waits when there are none. */
export const genericServer: Program = async (process) => {
  const { image } = process.machine;
  await process.print(`${image.name}: simulated, ${image.ports.length > 0 ? `answers HTTP on port ${image.ports.join(', ')}` : 'waits: the container declares no ports'}\n`);
  const services: HttpService[] = [];
  for (const port of image.ports) {
    try {
      services.push(await serveHttp(process, { port }, (exchange) => answer(process, exchange)));
    } catch (error) {
      if (systemCode(error) !== 'EADDRINUSE') throw error;
      await process.warn(`listen tcp :${port}: bind: address already in use\n`);
      return 1;
    }
  }
  return untilStopped(process, { service: services, exitCode: 0 });
};

async function answer(process: Process, exchange: HttpExchange): Promise<void> {
  const { request, response, client } = exchange;
  const { pod, image, clock } = process.machine;
  const body = [`pod: ${pod.name}`, `namespace: ${pod.namespace}`, `node: ${pod.node}`, `image: ${image.name}`, `path: ${request.url}`, ''].join('\n');
  send(response, 200, body, { 'Content-Type': 'text/plain; charset=utf-8' });
  const line = quoted(`${request.method} ${request.url} HTTP/${request.httpVersion}`);
  await process.print(`${client.ip} - - [${commonLogTime(clock.now())}] "${line}" 200 ${body.length}\n`);
}
