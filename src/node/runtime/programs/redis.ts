import type { Duplex } from 'node:stream';
import type { Process, Program } from '../container/process.ts';

/** A key-value server with strings and counters: enough to see state live and die with a pod. */
export const redis: Program = async (process) => {
  const args = process.argv.slice(1);
  const port = Number(args[args.indexOf('--port') + 1] && args.includes('--port') ? args[args.indexOf('--port') + 1] : 6379);
  const data = new Map<string, string>();
  const listener = await process.machine.network.listen('', port, ({ stream }) => void converse(process, stream, data));
  process.onEnd(() => void listener.close());
  await process.print('1:M * Ready to accept connections tcp\n');
  await process.signalled('TERM', 'INT');
  await process.print('1:M # Redis is now ready to exit, bye bye...\n');
  return 0;
};

async function converse(process: Process, stream: Duplex, data: Map<string, string>): Promise<void> {
  const forget = process.onEnd(() => stream.destroy());
  let rest = Buffer.alloc(0);
  try {
    for await (const chunk of stream) {
      rest = Buffer.concat([rest, chunk as Buffer]);
      for (let request = nextRequest(rest); request; request = nextRequest(rest)) {
        rest = rest.subarray(request.length);
        if (request.words.length > 0) stream.write(reply(request.words, data));
      }
      if (rest.length > 1024 * 1024) break;
    }
  } catch {
    // The client went away.
  }
  forget();
  stream.destroy();
}

/** One request at the start of the bytes: RESP or a plain line. Undefined until it is whole. */
function nextRequest(bytes: Buffer): { words: string[]; length: number } | undefined {
  const text = bytes.toString('latin1');
  const end = text.indexOf('\n');
  if (end < 0) return undefined;
  const first = text.slice(0, end).replace(/\r$/, '');
  if (!first.startsWith('*')) return { words: first.split(/\s+/).filter((word) => word !== ''), length: end + 1 };
  const words: string[] = [];
  let at = end + 1;
  for (let count = Number(first.slice(1)); count > 0; count--) {
    const header = /^\$(\d+)\r\n/.exec(text.slice(at, at + 20));
    if (!header) return text.length - at < 20 ? undefined : { words: [], length: text.length };
    const size = Number(header[1]);
    at += header[0].length;
    if (text.length < at + size + 2) return undefined;
    words.push(bytes.subarray(at, at + size).toString());
    at += size + 2;
  }
  return { words, length: at };
}

const ok = '+OK\r\n';
const bulk = (value: string | undefined) => (value === undefined ? '$-1\r\n' : `$${Buffer.byteLength(value)}\r\n${value}\r\n`);
const integer = (value: number) => `:${value}\r\n`;
const list = (values: string[]) => `*${values.length}\r\n${values.map(bulk).join('')}`;

type Handler = (args: string[], data: Map<string, string>) => string;

function add(key: string, by: number, data: Map<string, string>): string {
  const value = Number(data.get(key) ?? 0);
  if (!Number.isInteger(value) || !Number.isInteger(by)) return '-ERR value is not an integer or out of range\r\n';
  data.set(key, String(value + by));
  return integer(value + by);
}

const handlers: Record<string, Handler> = {
  PING: ([text]) => (text === undefined ? '+PONG\r\n' : bulk(text)),
  ECHO: ([text = '']) => bulk(text),
  GET: ([key = ''], data) => bulk(data.get(key)),
  SET: ([key = '', value = ''], data) => {
    data.set(key, value);
    return ok;
  },
  DEL: (keys, data) => integer(keys.filter((key) => data.delete(key)).length),
  EXISTS: (keys, data) => integer(keys.filter((key) => data.has(key)).length),
  INCR: ([key = ''], data) => add(key, 1, data),
  DECR: ([key = ''], data) => add(key, -1, data),
  INCRBY: ([key = '', by = ''], data) => add(key, Number(by), data),
  KEYS: (_args, data) => list([...data.keys()]),
  DBSIZE: (_args, data) => integer(data.size),
  FLUSHALL: (_args, data) => {
    data.clear();
    return ok;
  },
  SELECT: () => ok,
  COMMAND: () => list([]),
  QUIT: () => ok,
};

function reply(words: string[], data: Map<string, string>): string {
  const [name = '', ...args] = words;
  return handlers[name.toUpperCase()]?.(args, data) ?? `-ERR unknown command '${name}', with args beginning with: \r\n`;
}

/** redis-cli with a command: `redis-cli -h HOST -p PORT GET key`. */
export const redisCli: Program = async (process) => {
  const args = process.argv.slice(1);
  const value = (flag: string, otherwise: string) => (args.includes(flag) ? (args.splice(args.indexOf(flag), 2)[1] ?? otherwise) : otherwise);
  const host = value('-h', '127.0.0.1');
  const port = Number(value('-p', '6379'));
  if (args.length === 0) {
    await process.warn('redis-cli: without a command it is not part of this simulation\n');
    return 1;
  }
  try {
    const [ip = ''] = await process.until(process.machine.network.lookup(host));
    const stream = await process.until(process.machine.network.connect(ip, port));
    stream.end(list(args));
    const parts: Buffer[] = [];
    for await (const chunk of stream) {
      parts.push(chunk as Buffer);
      break;
    }
    stream.destroy();
    await process.print(`${readable(Buffer.concat(parts).toString())}\n`);
    return 0;
  } catch {
    if (!process.alive) return 137;
    await process.warn(`Could not connect to Redis at ${host}:${port}: Connection refused\n`);
    return 1;
  }
};

function readable(answer: string): string {
  if (answer.startsWith('$-1')) return '';
  const lines = answer.split('\r\n').filter((line) => !/^[$*]\d/.test(line) && line !== '');
  return lines.map((line) => line.replace(/^[+:]/, '').replace(/^-/, '')).join('\n');
}
