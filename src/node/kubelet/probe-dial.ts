import type { Duplex } from 'node:stream';
import type { Fabric, Source } from '../../fabric/fabric.ts';
import type { Container, Probe } from '../../kube/objects.ts';
import type { Clock } from '../../lib/clock.ts';
import { messageOf, systemCode } from '../../lib/errors.ts';

export interface Dialer {
  fabric: Fabric;
  from: Source;
  clock: Clock;
}

export class ProbeTimeout extends Error {}

const longestHeadBytes = 64 * 1024;

/** GETs `http://ip:port/path` and gives the status code; the body is not read. Errors read as Go's HTTP client words them. */
export async function httpStatus(dialer: Dialer, ip: string, container: Container, get: NonNullable<Probe['httpGet']>, timeoutMs: number): Promise<number> {
  const port = portNumber(container, get.port);
  const host = get.host || ip;
  const scheme = get.scheme === 'HTTPS' ? 'https' : 'http';
  const path = get.path?.startsWith('/') ? get.path : `/${get.path ?? ''}`;
  const url = `${scheme}://${host}:${port}${path}`;
  const headers = Object.fromEntries((get.httpHeaders ?? []).map(({ name, value }) => [name, value]));
  try {
    return await withTimeout(dialer.clock, timeoutMs, async (onAbort) => {
      const raw = await connect(dialer, host, port);
      onAbort(() => raw.destroy());
      const stream = scheme === 'https' ? await encrypted(raw) : raw;
      const lines = Object.entries({ Host: `${host}:${port}`, 'User-Agent': 'kube-probe', Accept: '*/*', ...headers, Connection: 'close' }).map(
        ([name, value]) => `${name}: ${value}\r\n`,
      );
      stream.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
      return statusCode(stream);
    });
  } catch (error) {
    const cause = error instanceof ProbeTimeout ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)' : messageOf(error);
    throw new Error(`Get "${url}": ${cause}`);
  }
}

/** Succeeds when something accepts the connection. */
export async function tcpConnect(dialer: Dialer, ip: string, container: Container, socket: NonNullable<Probe['tcpSocket']>, timeoutMs: number): Promise<void> {
  const port = portNumber(container, socket.port);
  const host = socket.host || ip;
  try {
    await withTimeout(dialer.clock, timeoutMs, async () => {
      (await connect(dialer, host, port)).destroy();
    });
  } catch (error) {
    throw error instanceof ProbeTimeout ? new Error(`dial tcp ${host}:${port}: i/o timeout`) : error;
  }
}

/** Runs `work` until it ends or time is over (ProbeTimeout); what `onAbort` was given is then called. */
export async function withTimeout<T>(clock: Clock, timeoutMs: number, work: (onAbort: (callback: () => void) => void) => Promise<T>): Promise<T> {
  let abort = () => {};
  let timedOut = false;
  return new Promise<T>((resolve, reject) => {
    const timer = clock.setTimer(timeoutMs, () => {
      timedOut = true;
      abort();
      reject(new ProbeTimeout('timed out'));
    });
    const done = work((callback) => {
      abort = callback;
      if (timedOut) callback();
    });
    done.then(resolve, reject).finally(() => timer.cancel());
  });
}

export function portNumber(container: Container, port: number | string): number {
  if (typeof port === 'number' || /^\d+$/.test(port)) return Number(port);
  const named = container.ports?.find(({ name }) => name === port);
  if (!named) throw new Error(`couldn't find port: ${port}`);
  return named.containerPort;
}

async function connect(dialer: Dialer, ip: string, port: number): Promise<Duplex> {
  try {
    return await dialer.fabric.connect(dialer.from, ip, port);
  } catch (error) {
    const words: Record<string, string> = { ECONNREFUSED: 'connect: connection refused', EHOSTUNREACH: 'connect: no route to host', ECONNRESET: 'read: connection reset by peer' };
    throw new Error(`dial tcp ${ip}:${port}: ${words[systemCode(error) ?? ''] ?? messageOf(error)}`);
  }
}

async function encrypted(raw: Duplex): Promise<Duplex> {
  const { connect: connectTls } = await import('node:tls');
  // As the kubelet: a probe asks whether the program answers, not who it is.
  return connectTls({ socket: raw, rejectUnauthorized: false });
}

function statusCode(stream: Duplex): Promise<number> {
  return new Promise((resolve, reject) => {
    let head = '';
    const finish = (settle: () => void) => {
      stream.destroy();
      settle();
    };
    stream.on('error', (error) => finish(() => reject(error)));
    stream.on('end', () => finish(() => reject(new Error('EOF'))));
    stream.on('data', (chunk: Buffer) => {
      head += chunk.toString('latin1');
      const match = /^HTTP\/\d\.\d (\d{3})/.exec(head);
      if (match) finish(() => resolve(Number(match[1])));
      else if (head.includes('\n') || head.length > longestHeadBytes)
        finish(() => reject(new Error(`malformed HTTP response ${JSON.stringify(head.split('\r\n')[0]?.slice(0, 100))}`)));
    });
  });
}
