import { systemCode } from '../../../lib/errors.ts';
import { baseName } from '../container/file-system.ts';
import type { Process, Program } from '../container/process.ts';
import { bodyOf, callHttp, type HttpCall, portOf, UnknownHost } from '../programs/http-client.ts';
import { absolute, type Options, parseOptions, UsageError, urlOf, utility } from './support.ts';

/** Long options and the letter that means the same; a colon after those that take a value. */
const longOptions: Record<string, string> = {
  silent: 's',
  'show-error': 'S',
  head: 'I',
  include: 'i',
  fail: 'f',
  insecure: 'k',
  verbose: 'v',
  location: 'L',
  globoff: 'g',
  ipv4: '4',
  'remote-name': 'O',
  'output:': 'o',
  'request:': 'X',
  'data:': 'd',
  'data-raw:': 'd',
  'max-time:': 'm',
  'connect-timeout:': 'm',
  'write-out:': 'w',
  'user-agent:': 'A',
  'user:': 'u',
  'header:': 'H',
};
const ignored = ['compressed', 'http1.1', 'no-progress-meter', 'retry-connrefused', 'noproxy:', 'retry:', 'retry-delay:', 'cacert:', 'url:'];

interface CurlOptions {
  method: string;
  headers: Record<string, string>;
  data: string | undefined;
  timeoutMs: number;
  insecure: boolean;
  ca: string | undefined;
  follow: number;
  fail: boolean;
  verbose: boolean;
  showHeaders: boolean;
  silent: boolean;
  output: string | undefined;
  writeOut: string | undefined;
}

export const curl: Program = utility('curl', async (process, args) => {
  const { rest, headers } = withoutHeaders(args);
  const options = parseOptions(rest, 'sSIifkvLg4o:X:d:m:w:A:u:Nn#O', [...Object.keys(longOptions), ...ignored]);
  for (const [long, letter] of Object.entries(longOptions)) {
    const value = options.values.get(long.replace(':', ''));
    if (value !== undefined) options.values.set(letter, value);
    if (options.flags.has(long)) options.flags.add(letter);
  }
  const url = options.values.get('url');
  const urls = [...options.operands, ...(url === undefined ? [] : [url])];
  if (urls.length === 0) throw new UsageError("try 'curl --help' or 'curl --manual' for more information", 2);
  let code = 0;
  for (const one of urls) code = await fetchOne(process, urlOf(one), curlOptions(process, options, headers, one));
  return code;
});

/** Headers may come several times, unlike every other option. */
function withoutHeaders(args: readonly string[]): { rest: string[]; headers: Record<string, string> } {
  const headers: Record<string, string> = {};
  const rest: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? '';
    if (arg !== '-H' && arg !== '--header') {
      rest.push(arg);
      continue;
    }
    const match = /^([^:]+):\s*(.*)$/.exec(args[++at] ?? '');
    if (match?.[1]) headers[match[1]] = match[2] ?? '';
  }
  return { rest, headers };
}

function curlOptions(process: Process, { flags, values }: Options, headers: Record<string, string>, url: string): CurlOptions {
  const data = values.get('d');
  const user = values.get('u');
  const ca = values.get('cacert');
  const read = (path: string) => process.machine.files.readText(absolute(process, path));
  return {
    method: values.get('X') ?? (flags.has('I') ? 'HEAD' : data === undefined ? 'GET' : 'POST'),
    headers: {
      Accept: '*/*',
      'User-Agent': values.get('A') ?? 'curl/8.14.1',
      ...(user ? { Authorization: `Basic ${Buffer.from(user).toString('base64')}` } : {}),
      ...(data === undefined ? {} : { 'Content-Type': 'application/x-www-form-urlencoded' }),
      ...headers,
    },
    data: data?.startsWith('@') ? read(data.slice(1)) : data,
    timeoutMs: Number(values.get('m') ?? 0) * 1000,
    insecure: flags.has('k'),
    ca: ca === undefined ? undefined : read(ca),
    follow: flags.has('L') ? 10 : 0,
    fail: flags.has('f'),
    verbose: flags.has('v'),
    showHeaders: flags.has('i') || flags.has('I'),
    silent: flags.has('s') && !flags.has('S'),
    output: flags.has('O') ? baseName(url) : values.get('o'),
    writeOut: values.get('w'),
  };
}

async function fetchOne(process: Process, url: URL, options: CurlOptions): Promise<number> {
  const started = process.machine.clock.now();
  const elapsedMs = () => process.machine.clock.now() - started;
  try {
    const response = await callHttp(process, callOf(process, url, options));
    const status = response.statusCode ?? 0;
    const head = `HTTP/${response.httpVersion} ${status} ${response.statusMessage}`;
    if (options.verbose) await process.warn(`< ${head}\n${headerLines('< ', response.headers)}< \n`);
    const body = await bodyOf(process, response);
    const next = response.headers.location;
    if (options.follow > 0 && status >= 300 && status < 400 && next) return await fetchOne(process, new URL(next, url), { ...options, follow: options.follow - 1 });
    if (options.fail && status >= 400) return await failed(process, options, 22, `The requested URL returned error: ${status}`);
    if (options.showHeaders) await process.print(`${head}\r\n${headerLines('', response.headers).replaceAll('\n', '\r\n')}\r\n`);
    await store(process, options.output, body);
    if (options.writeOut !== undefined) await process.print(written(options.writeOut, { status, size: body.length, seconds: elapsedMs() / 1000, url }));
    return 0;
  } catch (error) {
    if (!process.alive) throw error;
    if (options.writeOut !== undefined) await process.print(written(options.writeOut, { status: 0, size: 0, seconds: 0, url }));
    const { code, message } = problemOf(error, url, elapsedMs());
    return failed(process, options, code, message);
  }
}

async function failed(process: Process, options: CurlOptions, code: number, message: string): Promise<number> {
  if (!options.silent) await process.warn(`curl: (${code}) ${message}\n`);
  return code;
}

function callOf(process: Process, url: URL, options: CurlOptions): HttpCall {
  const call: HttpCall = { url, method: options.method, headers: options.headers, insecure: options.insecure };
  if (options.data !== undefined) call.body = Buffer.from(options.data);
  if (options.timeoutMs > 0) call.timeoutMs = options.timeoutMs;
  if (options.ca !== undefined) call.ca = options.ca;
  if (!options.verbose) return call;
  const request = `> ${options.method} ${url.pathname}${url.search} HTTP/1.1\n> Host: ${url.host}\n${headerLines('> ', options.headers)}> \n`;
  return { ...call, onConnect: (ip, port) => void process.warn(`* Connected to ${url.hostname} (${ip}) port ${port}\n${request}`) };
}

async function store(process: Process, output: string | undefined, body: Buffer): Promise<void> {
  if (output === undefined || output === '-') await process.stdout.write(body);
  else if (output !== '/dev/null') process.machine.files.write(absolute(process, output), body);
}

function headerLines(prefix: string, headers: NodeJS.Dict<string | string[]>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${prefix}${name}: ${String(value)}\n`)
    .join('');
}

function written(format: string, facts: { status: number; size: number; seconds: number; url: URL }): string {
  const values: Record<string, string> = {
    http_code: String(facts.status).padStart(3, '0'),
    response_code: String(facts.status).padStart(3, '0'),
    size_download: String(facts.size),
    time_total: facts.seconds.toFixed(6),
    url_effective: facts.url.href,
  };
  return format
    .replaceAll(/%\{(\w+)\}/g, (_whole, name: string) => values[name] ?? '')
    .replaceAll('\\n', '\n')
    .replaceAll('\\t', '\t');
}

function problemOf(error: unknown, url: URL, elapsedMs: number): { code: number; message: string } {
  if (error instanceof UnknownHost) return { code: 6, message: `Could not resolve host: ${url.hostname}` };
  const code = systemCode(error);
  if (code === 'ECONNREFUSED' || code === 'EHOSTUNREACH')
    return { code: 7, message: `Failed to connect to ${url.hostname} port ${portOf(url)} after ${elapsedMs} ms: Couldn't connect to server` };
  if (code === 'ETIMEDOUT') return { code: 28, message: `Operation timed out after ${elapsedMs} milliseconds with 0 bytes received` };
  if (code === 'ECONNRESET') return { code: 56, message: 'Recv failure: Connection reset by peer' };
  if (/^(?:ERR_TLS|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|CERT_)/.test(code ?? '')) return { code: 60, message: 'SSL certificate problem: unable to get local issuer certificate' };
  return { code: 52, message: 'Empty reply from server' };
}
