import { formatTime } from '../../../lib/clock.ts';
import type { Program } from '../container/process.ts';
import { slashTime } from './access-log.ts';
import { parseFlags } from './flags.ts';
import { send } from './http-service.ts';
import { headerName, plainText, simpleServer } from './simple-server.ts';

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
  return simpleServer(process, address, Number(port), async ({ request, response, client }) => {
    send(response, Number(flags.get('status-code') ?? 200), `${body}\n`, { ...plainText, 'X-App-Name': 'http-echo', 'X-App-Version': '1.0.0' });
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
  return simpleServer(process, '', port, ({ request, response, client }) => {
    if (request.url === '/health') return send(response, 200, '', plainText);
    const name = flags.get('name') ?? process.env.get('WHOAMI_NAME');
    const facts = [
      ...(name ? [`Name: ${name}`] : []),
      `Hostname: ${pod.hostname}`,
      'IP: 127.0.0.1',
      `IP: ${pod.ip}`,
      `RemoteAddr: ${client.ip}:${client.port}`,
      `${request.method} ${request.url} HTTP/${request.httpVersion}`,
    ];
    const headers = Object.entries(request.headers).map(([key, value]) => `${headerName(key)}: ${String(value)}`);
    send(response, 200, `${[...facts, ...headers].join('\n')}\n\n`, plainText);
  });
};

/** google-samples/hello-app, version by tag. */
export const helloApp: Program = async (process) => {
  const port = Number(process.env.get('PORT') ?? 8080);
  const { pod, image, clock } = process.machine;
  const log = (line: string) => process.warn(`${slashTime(clock.now())} ${line}\n`);
  await log(`Server listening on port ${port}`);
  const version = image.tag.startsWith('2') ? '2.0.0' : '1.0.0';
  return simpleServer(process, '', port, async ({ request, response }) => {
    await log(`Serving request: ${request.url}`);
    send(response, 200, `Hello, world!\nVersion: ${version}\nHostname: ${pod.hostname}\n`, plainText);
  });
};

/** nginxdemos/hello: which server answered, as text or as a page. */
export const helloPage: Program = async (process) => {
  const { pod, image, clock } = process.machine;
  const port = image.name.includes('nginx-hello') ? 8080 : 80;
  return simpleServer(process, '', port, ({ request, response }) => {
    const facts: [string, string][] = [
      ['Server address', `${pod.ip}:${port}`],
      ['Server name', pod.hostname],
      ['Date', formatTime(clock.now())],
      ['URI', request.url ?? '/'],
    ];
    if (image.tag.includes('plain')) return send(response, 200, facts.map(([name, value]) => `${name}: ${value}\n`).join(''), plainText);
    const rows = facts.map(([name, value]) => `<p><b>${name}:</b> ${value.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</p>`).join('\n');
    send(response, 200, `<!DOCTYPE html>\n<html>\n<head><title>Hello World</title></head>\n<body>\n${rows}\n</body>\n</html>\n`, { 'Content-Type': 'text/html' });
  });
};
