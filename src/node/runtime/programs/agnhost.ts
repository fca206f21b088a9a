import { parseDurationMs } from '../../../lib/text.ts';
import type { Process, Program } from '../container/process.ts';
import { slashTime } from './access-log.ts';
import { parseFlags } from './flags.ts';
import { type HttpExchange, type HttpService, send, serveHttp } from './http-service.ts';
import { simpleServer } from './simple-server.ts';
import { untilStopped } from './until-stopped.ts';

const text = { 'Content-Type': 'text/plain; charset=utf-8' };

/** Kubernetes' test image: the sub-commands that a cluster's traffic and life can be tried with. */
export const agnhost: Program = async (process) => {
  const [command = 'pause', ...args] = process.argv.slice(1);
  const run = commands[command];
  if (run) return run(process, args);
  const help = command === 'help' || command === '--help';
  const list = `Available Commands:\n${Object.keys(commands)
    .map((name) => `  ${name}\n`)
    .join('')}`;
  if (help) await process.print(`Usage:\n  app [command]\n\n${list}`);
  else await process.warn(`Error: unknown command "${command}" for "app" in this simulation\n\n${list}`);
  return help ? 0 : 1;
};

const commands: Record<string, (process: Process, args: string[]) => Promise<number>> = {
  pause: async (process) => {
    await process.print('Paused\n');
    const signal = await process.signalled('TERM', 'INT');
    const code = signal === 'TERM' ? 2 : 1;
    await process.print(`exiting ${code}\n`);
    return code;
  },
  netexec,
  'serve-hostname': serveHostname,
  liveness,
};

const healthyMs = 10_000;

/** Healthy for ten seconds, then not: what a liveness probe is tried with. */
async function liveness(process: Process): Promise<number> {
  const { clock } = process.machine;
  const startedAt = clock.now();
  return simpleServer(process, '', 8080, ({ request, response }) => {
    const path = (request.url ?? '/').split('?', 1)[0];
    const ageMs = clock.now() - startedAt;
    if (path === '/started') return send(response, 200, `${ageMs / 1000}s`, text);
    if (path !== '/healthz') return send(response, 404, '404 page not found\n', text);
    return ageMs > healthyMs ? send(response, 500, `error: ${ageMs / 1000}`, text) : send(response, 200, 'ok', text);
  });
}

async function netexec(process: Process, args: string[]): Promise<number> {
  const flags = parseFlags(args, ['http-port', 'udp-port', 'sctp-port', 'delay-shutdown', 'http-override', 'http-response-code', 'tls-cert-file', 'tls-private-key-file']);
  const port = Number(flags.get('http-port') ?? 8080);
  let stop: (code: number) => void = () => {};
  const shutdown = new Promise<number>((resolve) => (stop = resolve));
  let service: HttpService;
  try {
    service = await serveHttp(process, { port }, (exchange) => answer(process, exchange, stop));
  } catch (error) {
    return listenFailed(process, port, error);
  }
  await log(process, `Started HTTP server on port ${port}`);
  return untilStopped(process, { service, exitCode: 2, ended: shutdown, delayMs: Number(flags.get('delay-shutdown') ?? 0) * 1000 });
}

async function serveHostname(process: Process, args: string[]): Promise<number> {
  const flags = parseFlags(args, ['port', 'http', 'tcp', 'udp', 'close']);
  const port = Number(flags.get('port') ?? 9376);
  let service: HttpService;
  try {
    service = await serveHttp(process, { port }, ({ response }) => send(response, 200, process.machine.pod.hostname, text));
  } catch (error) {
    return listenFailed(process, port, error);
  }
  await log(process, 'Serving HTTP on port', String(port));
  return untilStopped(process, { service, exitCode: 2 });
}

async function answer(process: Process, exchange: HttpExchange, stop: (code: number) => void): Promise<void> {
  const { request, response, client } = exchange;
  const url = new URL(request.url ?? '/', 'http://pod');
  const reply = (body: string, status = 200) => send(response, status, body, text);
  const { clock, pod } = process.machine;
  await log(process, `GET ${url.pathname}`);
  switch (url.pathname) {
    case '/':
      return reply(`NOW: ${new Date(clock.now()).toISOString().replace('T', ' ').replace('Z', ' +0000 UTC')}`);
    case '/hostname':
    case '/hostName':
      return reply(pod.hostname);
    case '/healthz':
      return reply('');
    case '/clientip':
      return reply(`${client.ip}:${client.port}`);
    case '/echo': {
      const code = Number(url.searchParams.get('code') ?? 200);
      return reply(url.searchParams.get('msg') ?? '', code >= 200 && code <= 599 ? code : 400);
    }
    case '/header':
      return reply(String(request.headers[(url.searchParams.get('key') ?? '').toLowerCase()] ?? ''));
    case '/exit':
    case '/shutdown':
      return shutDown(process, url, reply, stop);
    case '/shell':
    case '/dial':
    case '/upload':
      return reply(`${url.pathname} is not part of this simulation\n`, 501);
    default:
      return reply('404 page not found\n', 404);
  }
}

async function shutDown(process: Process, url: URL, reply: (body: string) => void, stop: (code: number) => void): Promise<void> {
  await process.sleep(parseDurationMs(url.searchParams.get('wait') ?? url.searchParams.get('timeout') ?? '0') ?? 0);
  reply('');
  stop(Number(url.searchParams.get('code') ?? 0) & 255);
}

async function listenFailed(process: Process, port: number, error: unknown): Promise<number> {
  await log(process, `listen tcp :${port}: bind: ${(error as { code?: string }).code === 'EADDRINUSE' ? 'address already in use' : String(error)}`);
  return 1;
}

function log(process: Process, ...words: string[]): Promise<void> {
  return process.warn(`${slashTime(process.machine.clock.now())} ${words.join(' ')}\n`);
}
