import { baseName, resolvePath } from '../container/file-system.ts';
import { commonLogTime, quoted, slashTime } from './access-log.ts';
import { type HttpExchange, httpDate, send } from './http-service.ts';
import { mimeType } from './mime-types.ts';
import { type Directive, find, findAll } from './nginx-config.ts';
import { forward } from './nginx-proxy.ts';
import type { NginxServer, NginxSite } from './nginx-site.ts';

interface Call {
  site: NginxSite;
  exchange: HttpExchange;
  /** Decoded path without the query. */
  uri: string;
  /** Directives that apply, the nearest first. */
  scope: readonly Directive[];
  location: Directive | undefined;
  server: NginxServer;
  number: number;
}

interface Answer {
  status: number;
  body: string | Uint8Array;
  type?: string;
  headers?: Record<string, string>;
}

/** Answers one request as the configuration says, and logs it. */
export async function answer(site: NginxSite, server: NginxServer | undefined, exchange: HttpExchange, number: number): Promise<void> {
  const { request, response } = exchange;
  const uri = pathOf(request.url ?? '/');
  if (!server) return send(response, 404, '');
  const location = locationFor(server.locations, uri);
  const call: Call = { site, server, exchange, uri, location, scope: [...(location?.block ?? []), ...server.directives], number };
  const result = await withErrorPage(call, await respond(call));
  const body = typeof result.body === 'string' ? Buffer.from(result.body) : result.body;
  send(response, result.status, body, headersOf(call, result));
  await accessLog(call, result.status, request.method === 'HEAD' ? 0 : body.length);
}

/** Decoded, without dots and doubled slashes: what is asked for cannot lie above the root. */
function pathOf(url: string): string {
  const raw = url.split('?', 1)[0] ?? '/';
  let path = raw;
  try {
    path = decodeURIComponent(raw);
  } catch {
    // Not UTF-8 in percent signs: taken as it stands.
  }
  const resolved = resolvePath('/', path);
  return path.endsWith('/') && resolved !== '/' ? `${resolved}/` : resolved;
}

function locationFor(locations: readonly Directive[], uri: string): Directive | undefined {
  let best: Directive | undefined;
  let length = -1;
  let plain = false;
  for (const location of locations) {
    const [modifier = '', path = ''] = location.args.length > 1 ? location.args : ['', location.args[0] ?? ''];
    if (modifier === '=' && path === uri) return location;
    if ((modifier === '' || modifier === '^~') && uri.startsWith(path) && path.length > length) [best, length, plain] = [location, path.length, modifier === '^~'];
  }
  if (plain) return best;
  return locations.find(({ args: [modifier, path = ''] }) => (modifier === '~' || modifier === '~*') && new RegExp(path, modifier === '~*' ? 'i' : '').test(uri)) ?? best;
}

async function respond(call: Call): Promise<Answer> {
  const give = find(call.scope, 'return');
  if (give) return returned(call, give.args);
  const proxy = find(call.location?.block ?? [], 'proxy_pass');
  if (proxy) return throughProxy(call, proxy.args[0] ?? '');
  if (find(call.location?.block ?? [], 'stub_status'))
    return {
      status: 200,
      type: 'text/plain',
      body: `Active connections: 1 \nserver accepts handled requests\n ${call.number} ${call.number} ${call.number} \nReading: 0 Writing: 1 Waiting: 0 \n`,
    };
  const { method } = call.exchange.request;
  if (method !== 'GET' && method !== 'HEAD') return errorPage(call, 405);
  return fromFiles(call);
}

function returned(call: Call, args: string[]): Answer {
  const status = Number(args[0]);
  const text = expand(call, args[1] ?? (Number.isNaN(status) ? (args[0] ?? '') : ''));
  if (Number.isNaN(status) || [301, 302, 303, 307, 308].includes(status)) {
    const code = Number.isNaN(status) ? 302 : status;
    return { ...errorPage(call, code), headers: { Location: text } };
  }
  if (args[1] === undefined && status !== 204) return errorPage(call, status);
  return { status, body: text, type: find(call.scope, 'default_type')?.args[0] ?? 'text/plain' };
}

function fromFiles(call: Call): Answer | Promise<Answer> {
  const tries = find(call.scope, 'try_files');
  if (!tries) return serveFile(call, fileFor(call, call.uri), call.uri);
  for (const attempt of tries.args.slice(0, -1)) {
    const uri = expand(call, attempt);
    const stat = call.site.process.machine.files.stat(fileFor(call, uri.replace(/\/$/, '')));
    if (stat?.type === (uri.endsWith('/') && uri !== '/' ? 'dir' : 'file')) return serveFile(call, fileFor(call, uri), uri);
  }
  const last = expand(call, tries.args.at(-1) ?? '');
  if (last.startsWith('=')) return errorPage(call, Number(last.slice(1)));
  return serveFile(call, fileFor(call, last), last);
}

function fileFor(call: Call, uri: string): string {
  const alias = find(call.location?.block ?? [], 'alias')?.args[0];
  const prefix = call.location?.args.at(-1) ?? '';
  const path = alias !== undefined && uri.startsWith(prefix) ? `${alias}${uri.slice(prefix.length)}` : `${find(call.scope, 'root')?.args[0] ?? '/etc/nginx/html'}${uri}`;
  return resolvePath('/', path);
}

async function serveFile(call: Call, path: string, uri: string): Promise<Answer> {
  const { files } = call.site.process.machine;
  const stat = files.stat(path);
  if (stat?.type === 'dir') {
    if (!uri.endsWith('/')) return { ...errorPage(call, 301), headers: { Location: `http://${call.exchange.request.headers.host ?? 'localhost'}${uri}/` } };
    const index = (find(call.scope, 'index')?.args ?? ['index.html']).map((name) => `${path === '/' ? '' : path}/${name}`).find((name) => files.stat(name)?.type === 'file');
    if (index) return serveFile(call, index, uri);
    await errorLog(call, `directory index of "${path}/" is forbidden`);
    return errorPage(call, 403);
  }
  if (!stat) {
    await errorLog(call, `open() "${path}" failed (2: No such file or directory)`);
    return errorPage(call, 404);
  }
  const modified = httpDate(call.site.process.machine.clock.now());
  return { status: 200, body: files.read(path), type: mimeType(baseName(path)), headers: { 'Last-Modified': modified, 'Accept-Ranges': 'bytes' } };
}

const reasons: Record<number, string> = {
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Authorization Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Not Allowed',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
};

function errorPage(call: Call, status: number): Answer {
  const title = `${status}${reasons[status] ? ` ${reasons[status]}` : ''}`;
  const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx/${call.site.version}</center>\r\n</body>\r\n</html>\r\n`;
  return { status, body, type: 'text/html' };
}

async function withErrorPage(call: Call, answer: Answer): Promise<Answer> {
  if (answer.status < 400) return answer;
  const page = findAll(call.scope, 'error_page').find(({ args }) => args.slice(0, -1).includes(String(answer.status)));
  const uri = page?.args.at(-1);
  if (!uri?.startsWith('/')) return answer;
  const scope = [...(locationFor(call.server.locations, uri)?.block ?? []), ...call.server.directives];
  const inner = { ...call, uri, scope, location: locationFor(call.server.locations, uri) };
  const { files } = call.site.process.machine;
  return files.stat(fileFor(inner, uri))?.type === 'file' ? { ...(await serveFile(inner, fileFor(inner, uri), uri)), status: answer.status } : answer;
}

function headersOf(call: Call, answer: Answer): Record<string, string> {
  const headers: Record<string, string> = { Server: `nginx/${call.site.version}`, ...(answer.type ? { 'Content-Type': answer.type } : {}), ...answer.headers };
  for (const { args } of answer.status < 400 ? findAll(call.scope, 'add_header') : []) headers[args[0] ?? ''] = expand(call, args[1] ?? '');
  return headers;
}

function expand(call: Call, text: string): string {
  const { request, client } = call.exchange;
  const [, query = ''] = (request.url ?? '').split('?', 2);
  const values: Record<string, string> = {
    host: (request.headers.host ?? '').replace(/:\d+$/, ''),
    http_host: request.headers.host ?? '',
    uri: call.uri,
    document_uri: call.uri,
    request_uri: request.url ?? '',
    args: query,
    query_string: query,
    is_args: query === '' ? '' : '?',
    remote_addr: client.ip,
    remote_port: String(client.port),
    scheme: 'http',
    request_method: request.method ?? '',
    hostname: call.site.process.machine.pod.hostname,
    server_name: call.server.names[0] ?? '',
    server_addr: call.site.process.machine.pod.ip,
    nginx_version: call.site.version,
    proxy_add_x_forwarded_for: [request.headers['x-forwarded-for'], client.ip].filter(Boolean).join(', '),
  };
  return text.replaceAll(/\$\{?(\w+)\}?/g, (_whole, name: string) => {
    if (name.startsWith('http_') && !(name in values)) return String(request.headers[name.slice(5).replaceAll('_', '-')] ?? '');
    if (name.startsWith('arg_')) return new URLSearchParams(query).get(name.slice(4)) ?? '';
    return values[name] ?? '';
  });
}

async function throughProxy(call: Call, target: string): Promise<Answer> {
  const { process, upstreams } = call.site;
  const headers = Object.fromEntries(findAll(call.scope, 'proxy_set_header').map(({ args: [name = '', value = ''] }) => [name, expand(call, value)]));
  const answer = await forward(process, { target: expand(call, target), prefix: call.location?.args.at(-1) ?? '', request: call.exchange.request, headers, upstreams });
  if (!('problem' in answer)) return answer;
  await errorLog(call, answer.problem);
  return errorPage(call, answer.status);
}

async function accessLog(call: Call, status: number, bytes: number): Promise<void> {
  if (find(call.scope, 'access_log')?.args[0] === 'off') return;
  const { request, client } = call.exchange;
  const { process } = call.site;
  const agent = `"${quoted(request.headers.referer)}" "${quoted(request.headers['user-agent'])}" "${quoted(String(request.headers['x-forwarded-for'] ?? ''))}"`;
  await process.print(
    `${client.ip} - - [${commonLogTime(process.machine.clock.now())}] "${quoted(`${request.method} ${request.url} HTTP/${request.httpVersion}`)}" ${status} ${bytes} ${agent}\n`,
  );
}

async function errorLog(call: Call, text: string): Promise<void> {
  const { request, client } = call.exchange;
  const { process } = call.site;
  const time = slashTime(process.machine.clock.now());
  const server = call.server.names[0] ?? '';
  await process.warn(
    `${time} [error] 29#29: *${call.number} ${text}, client: ${client.ip}, server: ${server}, request: "${request.method} ${request.url} HTTP/${request.httpVersion}", host: "${request.headers.host ?? ''}"\n`,
  );
}
