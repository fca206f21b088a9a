import { messageOf, systemCode } from '../../../lib/errors.ts';
import { baseName } from '../container/file-system.ts';
import type { Process } from '../container/process.ts';
import { bodyOf, callHttp, type HttpCall, UnknownHost } from '../programs/http-client.ts';
import { absolute, parseOptions, UsageError, urlOf, utility } from './support.ts';

const connectionProblems: Record<string, string> = {
  ECONNREFUSED: 'Connection refused',
  EHOSTUNREACH: 'No route to host',
  ETIMEDOUT: 'Connection timed out',
  ECONNRESET: 'Connection reset by peer',
};

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
