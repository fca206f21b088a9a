import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { memoryStreamPair } from '../../../src/fabric/memory-stream.ts';
import type { KubeletClient, KubeletStreams } from '../../../src/kube/kubelet-api.ts';
import { createRemoteKubelet } from '../../../src/kube/remote-kubelet/client.ts';
import { writeFrame } from '../../../src/kube/remote-kubelet/frames.ts';
import { serveKubelet } from '../../../src/kube/remote-kubelet/serve.ts';
import { badRequest, StatusError } from '../../../src/kube/status.ts';

const pod = { namespace: 'default', name: 'web', uid: 'u' };
const never = new AbortController().signal;
const here = { ip: '10.0.0.1', port: 1 };

/** What a kubelet does here: `cat` gives back what it reads, `big` writes megabytes, `size` waits for a new size, `hang` for the client to leave. */
const programs: Record<string, (streams: KubeletStreams) => Promise<number>> = {
  cat: async ({ stdin, stdout }) => {
    for await (const chunk of stdin ?? []) stdout(chunk);
    return 0;
  },
  big: async ({ stdout, stderr }) => {
    for (let i = 0; i < 64; i++) stdout(Buffer.alloc(32_768, i));
    stderr(Buffer.from('done'));
    return 3;
  },
  size: ({ onResize }) => new Promise((resolve) => onResize?.(({ width, height }) => resolve(width * 1000 + height))),
  hang: ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(left.push('hang')))),
};
const left: string[] = [];

const kubelet: KubeletClient = {
  logs: async (_pod, container, { follow, signal, tailLines }) => {
    if (container === 'none') throw badRequest('container none is not valid for pod web');
    return (async function* () {
      yield Buffer.from(`one of ${tailLines}\n`);
      if (follow) await new Promise((resolve) => signal.addEventListener('abort', resolve));
      left.push('log');
      yield Buffer.from('two\n');
    })();
  },
  exec: async (_pod, _container, [command = ''], streams) => {
    const program = programs[command];
    if (!program) throw new StatusError('InternalError', `no ${command}`);
    return program(streams);
  },
  attach: async (_pod, _container, { stdin, tty, stdout }) => {
    stdout(Buffer.from(`${tty} ${stdin !== undefined}`));
    return 7;
  },
  portForward: async (_pod, port): Promise<Duplex> => {
    if (port !== 80) throw Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' });
    const { client, server } = memoryStreamPair(here, here);
    server.write('banner ');
    server.pipe(server);
    return client;
  },
};

const remote = createRemoteKubelet(async () => {
  const { client, server } = memoryStreamPair(here, here);
  void serveKubelet(server, kubelet);
  return client;
});

async function run(command: string, options: Partial<KubeletStreams> = {}): Promise<{ code: number; out: Buffer; err: string }> {
  const out: Uint8Array[] = [];
  let err = '';
  const streams = { stdout: (chunk: Uint8Array) => void out.push(chunk), stderr: (chunk: Uint8Array) => (err += Buffer.from(chunk)), tty: false, signal: never, ...options };
  const code = await (command === 'attach' ? remote.attach(pod, 'c', streams) : remote.exec(pod, 'c', [command], streams));
  return { code, out: Buffer.concat(out), err };
}

async function* bytes(...texts: string[]): AsyncIterable<Uint8Array> {
  for (const part of texts) yield Buffer.from(part);
}

describe('a kubelet on another machine', () => {
  it('runs commands: input, output, their exit code', async () => {
    expect(await run('cat', { stdin: bytes('hello ', 'there') })).toMatchObject({ code: 0, out: Buffer.from('hello there') });
    const { code, out, err } = await run('big');
    expect({ code, err, length: out.length, last: out.at(-1) }).toEqual({ code: 3, err: 'done', length: 64 * 32_768, last: 63 });
    await expect(run('fly')).rejects.toMatchObject({ message: 'no fly', status: { code: 500 } });
  });

  it('attaches, with a terminal and its size', async () => {
    expect(await run('attach', { tty: true, stdin: bytes() })).toMatchObject({ code: 7, out: Buffer.from('true true') });
    const { code } = await run('size', { onResize: (callback) => callback({ width: 80, height: 24 }) });
    expect(code).toBe(80_024);
  });

  it('ends a command when whoever asked for it leaves', async () => {
    const leave = new AbortController();
    const running = run('hang', { signal: leave.signal });
    await new Promise((resolve) => setImmediate(resolve));
    leave.abort();
    expect(await running).toMatchObject({ code: 0 });
    await expect.poll(() => left).toContain('hang');
  });

  it('sends logs, follows them until nobody reads, and says what is wrong before the first line', async () => {
    const options = { follow: false, previous: false, timestamps: false, tailLines: 5, signal: never };
    expect(await text(await remote.logs(pod, 'c', options))).toBe('one of 5\ntwo\n');
    await expect(remote.logs(pod, 'none', options)).rejects.toMatchObject({ message: 'container none is not valid for pod web', status: { code: 400 } });
    left.length = 0;
    const stop = new AbortController();
    for await (const chunk of await remote.logs(pod, 'c', { ...options, follow: true, signal: stop.signal })) {
      expect(Buffer.from(chunk).toString()).toBe('one of 5\n');
      stop.abort();
    }
    await expect.poll(() => left).toEqual(['log']);
  });

  it('forwards ports, losing nothing that comes at once', async () => {
    const stream = await remote.portForward(pod, 80);
    stream.end('echo');
    expect(await text(stream)).toBe('banner echo');
    await expect(remote.portForward(pod, 81)).rejects.toThrow('connection refused');
  });

  it.each([
    ['nothing', () => {}],
    ['another frame', (stream: Duplex) => void writeFrame(stream, 3, Buffer.from('x'))],
    ['no JSON', (stream: Duplex) => void writeFrame(stream, 0, Buffer.from('{'))],
    ['no pod', (stream: Duplex) => void writeFrame(stream, 0, Buffer.from('{"method":"logs"}'))],
    ['another method', (stream: Duplex) => void writeFrame(stream, 0, Buffer.from(JSON.stringify({ method: 'reboot', pod })))],
    ['a frame without end', (stream: Duplex) => void stream.write(Buffer.from([0, 0xff, 0xff, 0xff, 0xff]))],
  ])('answers %s with a failure', async (_what, send) => {
    const { client, server } = memoryStreamPair(here, here);
    const served = serveKubelet(server, kubelet);
    send(client);
    client.end();
    const answer = await text(client);
    expect(answer.slice(5)).toMatch(/"kind":"Status"/);
    await served;
  });
});
