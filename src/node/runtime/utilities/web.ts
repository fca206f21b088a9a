import type { IncomingMessage } from 'node:http';
import { messageOf, systemCode } from '../../../lib/errors.ts';
import { baseName } from '../container/file-system.ts';
import type { Process, Program } from '../container/process.ts';
import { callHttp, type HttpCall, portOf, UnknownHost } from '../programs/http-client.ts';
import { absolute, parseOptions, UsageError, utility } from './support.ts';

const connectionProblems: Record<string, string> = {
  ECONNREFUSED: 'Connection refused',
  EHOSTUNREACH: 'No route to host',
  ETIMEDOUT: 'Connection timed out',
  ECONNRESET: 'Connection reset by peer',
};

function urlOf(text: string): URL {
  try {
    return new URL(/^[a-z]+:\/\//i.test(text) ? text : `http://${text}`);
  } catch {
    throw new UsageError(`bad address '${text}'`);
  }
}

async function bodyOf(process: Process, response: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  const collect = async () => {
    for await (const chunk of response) parts.push(chunk as Buffer);
  };
  await process.until(collect());
  return Buffer.concat(parts);
}

export const wget = utility('wget', async (process, args) => {
  const { operands, flags, values } = parseOptions(args, 'qO:T:Sct:U:P:Yn', [
    'spider',
    'header:',
    'post-data:',
    'timeout:',
    'no-check-certificate',
    'quiet',
    'output-document:',
    'tries:',
    'user-agent:',
    'server-response',
    'no-verbose',
  ]);
  if (operands.length === 0) throw new UsageError('missing URL');
  let code = 0;
  for (const operand of operands) code = (await fetchOne(process, urlOf(operand), { flags, values })) || code;
  return code;
});

interface WgetOptions {
  flags: Set<string>;
  values: Map<string, string>;
}

async function fetchOne(process: Process, url: URL, { flags, values }: WgetOptions): Promise<number> {
  const quiet = flags.has('q') || flags.has('quiet');
  const say = async (text: string) => (quiet ? undefined : process.warn(text));
  const timeout = Number(values.get('T') ?? values.get('timeout') ?? 0) * 1000;
  const header = /^([^:]+):\s*(.*)$/.exec(values.get('header') ?? '');
  const post = values.get('post-data');
  const headers = {
    'User-Agent': values.get('U') ?? values.get('user-agent') ?? 'Wget',
    ...(header?.[1] ? { [header[1]]: header[2] ?? '' } : {}),
    ...(post === undefined ? {} : { 'Content-Type': 'application/x-www-form-urlencoded' }),
  };
  const call: HttpCall = {
    url,
    headers,
    insecure: true,
    ...(timeout > 0 ? { timeoutMs: timeout } : {}),
    ...(post === undefined ? {} : { method: 'POST', body: Buffer.from(post) }),
  };
  let address = url.hostname;
  try {
    const response = await callHttp(process, { ...call, onConnect: (ip, port) => void say(`Connecting to ${url.host} (${ip}:${port})\n`) });
    address = url.host;
    const body = await bodyOf(process, response);
    const status = response.statusCode ?? 0;
    if (status >= 300 && status < 400 && response.headers.location) return fetchOne(process, new URL(response.headers.location, url), { flags, values });
    if (flags.has('S') || flags.has('server-response')) await process.warn(`  HTTP/${response.httpVersion} ${status} ${response.statusMessage}\n`);
    if (status >= 400) {
      await process.warn(`wget: server returned error: HTTP/1.1 ${status} ${response.statusMessage}\n`);
      return 1;
    }
    if (flags.has('spider')) {
      await say('remote file exists\n');
      return 0;
    }
    await store(process, url, values.get('O') ?? values.get('output-document'), body, say);
    return 0;
  } catch (error) {
    if (!process.alive) throw error;
    await process.warn(`wget: ${await wgetProblem(process, error, address)}\n`);
    return 1;
  }
}

async function store(process: Process, url: URL, output: string | undefined, body: Buffer, say: (text: string) => Promise<unknown>): Promise<void> {
  if (output === '-') return void (await process.stdout.write(body));
  const name = output ?? (baseName(url.pathname) || 'index.html');
  if (output === undefined && process.machine.files.stat(absolute(process, name))) throw new UsageError(`can't open '${name}': File exists`);
  await say(`saving to '${name}'\n`);
  if (output !== '/dev/null') process.machine.files.write(absolute(process, name), body);
  await say(`${name.padEnd(20)} 100% |${'*'.repeat(32)}| ${String(body.length).padStart(5)}  0:00:00 ETA\n'${name}' saved\n`);
}

async function wgetProblem(process: Process, error: unknown, host: string): Promise<string> {
  if (error instanceof UnknownHost) return `bad address '${host}'`;
  const code = systemCode(error) ?? '';
  if (code === 'ETIMEDOUT') return 'download timed out';
  if (code === 'ECONNRESET') return 'error getting response: Connection reset by peer';
  const [ip = host] = await process.machine.network.lookup(host);
  return connectionProblems[code] ? `can't connect to remote host (${ip}): ${connectionProblems[code]}` : messageOf(error);
}

export const curl: Program = utility('curl', async (process, args) => {
  const long = [
    'silent',
    'show-error',
    'head',
    'include',
    'fail',
    'insecure',
    'verbose',
    'location',
    'compressed',
    'globoff',
    'ipv4',
    'http1.1',
    'no-progress-meter',
    'retry-connrefused',
    'output:',
    'header:',
    'request:',
    'data:',
    'data-raw:',
    'max-time:',
    'connect-timeout:',
    'write-out:',
    'user-agent:',
    'cacert:',
    'user:',
    'resolve:',
    'retry:',
    'retry-delay:',
    'noproxy:',
    'url:',
  ];
  const headers: Record<string, string> = {};
  // The only option that may come several times.
  const rest = args.flatMap((arg, index) => {
    const header = arg === '-H' || arg === '--header' ? args[index + 1] : undefined;
    const match = /^([^:]+):\s*(.*)$/.exec(header ?? '');
    if (match?.[1]) headers[match[1]] = match[2] ?? '';
    return arg === '-H' || arg === '--header' || args[index - 1] === '-H' || args[index - 1] === '--header' ? [] : [arg];
  });
  const { operands, flags, values } = parseOptions(rest, 'sSIifkvLg4o:X:d:m:w:A:u:Nn#O', long);
  const given = (letter: string, name: string) => flags.has(letter) || flags.has(name);
  const value = (letter: string, name: string) => values.get(letter) ?? values.get(name);
  const urls = [...operands, ...(values.has('url') ? [values.get('url') ?? ''] : [])];
  if (urls.length === 0) throw new UsageError("try 'curl --help' or 'curl --manual' for more information", 2);
  const data = value('d', 'data') ?? values.get('data-raw');
  const user = value('u', 'user');
  const options: CurlOptions = {
    method: value('X', 'request') ?? (given('I', 'head') ? 'HEAD' : data === undefined ? 'GET' : 'POST'),
    headers: {
      Accept: '*/*',
      'User-Agent': value('A', 'user-agent') ?? 'curl/8.14.1',
      ...(user ? { Authorization: `Basic ${Buffer.from(user).toString('base64')}` } : {}),
      ...(data === undefined ? {} : { 'Content-Type': 'application/x-www-form-urlencoded' }),
      ...headers,
    },
    data: data?.startsWith('@') ? process.machine.files.readText(absolute(process, data.slice(1))) : data,
    timeoutMs: Number(value('m', 'max-time') ?? values.get('connect-timeout') ?? 0) * 1000,
    insecure: given('k', 'insecure'),
    ca: values.has('cacert') ? process.machine.files.readText(absolute(process, values.get('cacert') ?? '')) : undefined,
    follow: given('L', 'location') ? 10 : 0,
    fail: given('f', 'fail'),
    verbose: given('v', 'verbose'),
    showHeaders: given('i', 'include') || given('I', 'head'),
    silent: given('s', 'silent') && !given('S', 'show-error'),
    output: flags.has('O') ? baseName(urls[0] ?? '') : value('o', 'output'),
    writeOut: value('w', 'write-out'),
  };
  let code = 0;
  for (const url of urls) code = await curlOne(process, urlOf(url), options);
  return code;
});

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

async function curlOne(process: Process, url: URL, options: CurlOptions): Promise<number> {
  const started = process.machine.clock.now();
  const call: HttpCall = { url, method: options.method, headers: options.headers, insecure: options.insecure };
  if (options.data !== undefined) call.body = Buffer.from(options.data);
  if (options.timeoutMs > 0) call.timeoutMs = options.timeoutMs;
  if (options.ca !== undefined) call.ca = options.ca;
  if (options.verbose)
    call.onConnect = (ip, port) =>
      void process.warn(
        `* Connected to ${url.hostname} (${ip}) port ${port}\n> ${options.method} ${url.pathname}${url.search} HTTP/1.1\n> Host: ${url.host}\n${headerLines('> ', options.headers)}> \n`,
      );
  try {
    const response = await callHttp(process, call);
    const status = response.statusCode ?? 0;
    const head = `HTTP/${response.httpVersion} ${status} ${response.statusMessage}`;
    if (options.verbose) await process.warn(`< ${head}\n${headerLines('< ', response.headers)}< \n`);
    const body = await bodyOf(process, response);
    if (options.follow > 0 && status >= 300 && status < 400 && response.headers.location)
      return await curlOne(process, new URL(response.headers.location, url), { ...options, follow: options.follow - 1 });
    if (options.fail && status >= 400) {
      if (!options.silent) await process.warn(`curl: (22) The requested URL returned error: ${status}\n`);
      return 22;
    }
    if (options.showHeaders) await process.print(`${head}\r\n${headerLines('', response.headers).replaceAll('\n', '\r\n')}\r\n`);
    if (options.output === undefined || options.output === '-') await process.stdout.write(body);
    else if (options.output !== '/dev/null') process.machine.files.write(absolute(process, options.output), body);
    if (options.writeOut !== undefined) await process.print(written(options.writeOut, { status, size: body.length, seconds: (process.machine.clock.now() - started) / 1000, url }));
    return 0;
  } catch (error) {
    if (!process.alive) throw error;
    const { code, message } = curlProblem(error, url, process.machine.clock.now() - started);
    if (options.writeOut !== undefined) await process.print(written(options.writeOut, { status: 0, size: 0, seconds: 0, url }));
    if (!options.silent) await process.warn(`curl: (${code}) ${message}\n`);
    return code;
  }
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

function curlProblem(error: unknown, url: URL, elapsedMs: number): { code: number; message: string } {
  if (error instanceof UnknownHost) return { code: 6, message: `Could not resolve host: ${url.hostname}` };
  const code = systemCode(error);
  if (code === 'ECONNREFUSED' || code === 'EHOSTUNREACH')
    return { code: 7, message: `Failed to connect to ${url.hostname} port ${portOf(url)} after ${elapsedMs} ms: Couldn't connect to server` };
  if (code === 'ETIMEDOUT') return { code: 28, message: `Operation timed out after ${elapsedMs} milliseconds with 0 bytes received` };
  if (code === 'ECONNRESET') return { code: 56, message: 'Recv failure: Connection reset by peer' };
  if (/^(?:ERR_TLS|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|CERT_)/.test(code ?? '')) return { code: 60, message: 'SSL certificate problem: unable to get local issuer certificate' };
  return { code: 52, message: 'Empty reply from server' };
}
