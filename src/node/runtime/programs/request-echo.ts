import { text } from 'node:stream/consumers';
import type { Process, Program } from '../container/process.ts';
import { commonLogTime } from './access-log.ts';
import { type HttpExchange, send } from './http-service.ts';
import { headerName, plainText, simpleServer } from './simple-server.ts';

/** echoserver of Kubernetes' tutorials: the request and, when the environment tells it, the pod. */
export const echoserver: Program = (process) =>
  simpleServer(process, '', 8080, async (exchange) => {
    const { request, response, client } = exchange;
    const body = description(process, exchange, await text(request));
    send(response, 200, body, { 'Content-Type': 'text/plain', Server: 'echoserver' });
    const line = `${request.method} ${request.url} HTTP/${request.httpVersion}`;
    await process.print(`${client.ip} - - [${commonLogTime(process.machine.clock.now())}] "${line}" 200 ${body.length} "-" "${request.headers['user-agent'] ?? '-'}"\n`);
  });

function description(process: Process, { request, client }: HttpExchange, body: string): string {
  const url = new URL(request.url ?? '/', `http://${request.headers.host ?? process.machine.pod.ip}`);
  const named: [string, string | undefined][] = [
    ['node name', process.env.get('NODE_NAME')],
    ['pod name', process.env.get('POD_NAME')],
    ['pod namespace', process.env.get('POD_NAMESPACE')],
    ['pod IP', process.env.get('POD_IP')],
  ];
  const pod = named.filter(([, value]) => value !== undefined).map(([name, value]) => `\t${name}:\t${value}`);
  const headers = Object.entries(request.headers).map(([name, value]) => `\t${name}=${String(value)}`);
  return [
    `\n\nHostname: ${process.machine.pod.hostname}\n`,
    'Pod Information:',
    ...(pod.length > 0 ? pod : ['\t-no pod information available-']),
    '\nServer values:',
    '\tserver_version=nginx: 1.13.3 - lua: 10008',
    '\nRequest Information:',
    `\tclient_address=${client.ip}`,
    `\tmethod=${request.method}`,
    `\treal path=${url.pathname}${url.search}`,
    `\tquery=${url.search.slice(1)}`,
    `\trequest_version=${request.httpVersion}`,
    '\trequest_scheme=http',
    `\trequest_uri=http://${url.hostname}:8080${url.pathname}${url.search}`,
    '\nRequest Headers:',
    ...headers.sort(),
    '\nRequest Body:',
    body === '' ? '\t-no body in request-\n\n' : `${body}\n`,
  ].join('\n');
}

/** kicbase/echo-server and its relatives: who served, and the request. */
export const echoServer: Program = async (process) => {
  const port = Number(process.env.get('PORT') ?? 8080);
  await process.print(`Echo server listening on port ${port}.\n`);
  return simpleServer(process, '', port, async ({ request, response, client }) => {
    const body = await text(request);
    await process.print(`${client.ip}:${client.port} | ${request.method} ${request.url}\n`);
    const headers = Object.entries(request.headers).filter(([name]) => name !== 'host');
    const lines = headers.map(([name, value]) => `${headerName(name)}: ${String(value)}\n`).sort();
    const head = `Request served by ${process.machine.pod.hostname}\n\nHTTP/${request.httpVersion} ${request.method} ${request.url}\n\nHost: ${request.headers.host ?? ''}\n`;
    send(response, 200, `${head}${lines.join('')}${body === '' ? '' : `\n${body}`}`, plainText);
  });
};
