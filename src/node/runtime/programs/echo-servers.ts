import { formatTime } from '../../../lib/clock.ts';
import type { Process, Program } from '../container/process.ts';
import { slashTime } from './access-log.ts';
import { parseFlags } from './flags.ts';
import { type HttpExchange, type HttpService, send, serveHttp } from './http-service.ts';
import { untilStopped } from './until-stopped.ts';

const text = { 'Content-Type': 'text/plain; charset=utf-8' };

/** Serves one handler until it is stopped, as small Go servers do; says so when the port is taken. */
async function goServer(process: Process, address: string, port: number, handle: (exchange: HttpExchange) => void | Promise<void>): Promise<number> {
  let service: HttpService;
  try {
    service = await serveHttp(process, { address, port }, handle);
  } catch (error) {
    await process.warn(
      `${slashTime(process.machine.clock.now())} listen tcp ${address}:${port}: bind: ${(error as { code?: string }).code === 'EADDRINUSE' ? 'address already in use' : 'cannot assign requested address'}\n`,
    );
    return 1;
  }
  return untilStopped(process, { service, exitCode: 0 });
}

/** hashicorp/http-echo: `-text`, `-listen`, `-status-code`. */
export const httpEcho: Program = async (process) => {
  const flags = parseFlags(process.argv.slice(1), ['text', 'listen', 'status-code']);
  const body = flags.get('text') ?? process.env.get('ECHO_TEXT');
  if (body === undefined) {
    await process.warn('Missing -text option!\n');
    return 127;
  }
  const listen = flags.get('listen') ?? ':5678';
  const [address = '', port = ''] = /^(.*):(\d+)$/.exec(listen)?.slice(1) ?? [];
  await process.print(`${slashTime(process.machine.clock.now())} [INFO] server is listening on ${listen}\n`);
  return goServer(process, address, Number(port), async ({ request, response, client }) => {
    send(response, Number(flags.get('status-code') ?? 200), `${body}\n`, { ...text, 'X-App-Name': 'http-echo', 'X-App-Version': '1.0.0' });
    await process.print(
      `${slashTime(process.machine.clock.now())} ${request.headers.host ?? ''} ${client.ip}:${client.port} "${request.method} ${request.url} HTTP/${request.httpVersion}" 200 ${body.length + 1} "${request.headers['user-agent'] ?? ''}" 0s\n`,
    );
  });
};

/** traefik/whoami: the request as it arrived, with the pod's name. */
export const whoami: Program = async (process) => {
  const flags = parseFlags(process.argv.slice(1), ['port', 'name']);
  const port = Number(flags.get('port') ?? process.env.get('WHOAMI_PORT_NUMBER') ?? 80);
  await process.print(`${slashTime(process.machine.clock.now())} Starting up on port ${port}\n`);
  const { pod } = process.machine;
  return goServer(process, '', port, ({ request, response, client }) => {
    if (request.url === '/health') return send(response, 200, '', text);
    const name = flags.get('name') ?? process.env.get('WHOAMI_NAME');
    const facts = [
      ...(name ? [`Name: ${name}`] : []),
      `Hostname: ${pod.hostname}`,
      'IP: 127.0.0.1',
      `IP: ${pod.ip}`,
      `RemoteAddr: ${client.ip}:${client.port}`,
      `${request.method} ${request.url} HTTP/${request.httpVersion}`,
    ];
    const headers = Object.entries(request.headers).map(([key, value]) => `${key.replaceAll(/(^|-)[a-z]/g, (start) => start.toUpperCase())}: ${String(value)}`);
    send(response, 200, `${[...facts, ...headers].join('\n')}\n\n`, text);
  });
};

/** google-samples/hello-app, version by tag. */
export const helloApp: Program = async (process) => {
  const port = Number(process.env.get('PORT') ?? 8080);
  const { pod, image, clock } = process.machine;
  const log = (line: string) => process.warn(`${slashTime(clock.now())} ${line}\n`);
  await log(`Server listening on port ${port}`);
  const version = image.tag.startsWith('2') ? '2.0.0' : '1.0.0';
  return goServer(process, '', port, async ({ request, response }) => {
    await log(`Serving request: ${request.url}`);
    send(response, 200, `Hello, world!\nVersion: ${version}\nHostname: ${pod.hostname}\n`, text);
  });
};

/** nginxdemos/hello: which server answered, as text or as a page. */
export const helloPage: Program = async (process) => {
  const { pod, image, clock } = process.machine;
  return goServer(process, '', 80, ({ request, response }) => {
    const facts: [string, string][] = [
      ['Server address', `${pod.ip}:80`],
      ['Server name', pod.hostname],
      ['Date', formatTime(clock.now())],
      ['URI', request.url ?? '/'],
    ];
    if (image.tag.includes('plain')) return send(response, 200, facts.map(([name, value]) => `${name}: ${value}\n`).join(''), text);
    const rows = facts.map(([name, value]) => `<p><b>${name}:</b> ${value.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</p>`).join('\n');
    send(response, 200, `<!DOCTYPE html>\n<html>\n<head><title>Hello World</title></head>\n<body>\n${rows}\n</body>\n</html>\n`, { 'Content-Type': 'text/html' });
  });
};
