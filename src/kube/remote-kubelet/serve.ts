import { type Duplex, PassThrough } from 'node:stream';
import { messageOf } from '../../lib/errors.ts';
import type { KubeletClient, KubeletStreams } from '../kubelet-api.ts';
import { badRequest, StatusError } from '../status.ts';
import { FrameReader, frameType, writable, writeFrame, writeJson } from './frames.ts';
import { type KubeletRequest, parseKubeletRequest } from './request.ts';

/** Output that the other side leaves unread; more ends the call. */
const maxUnsentBytes = 64 * 2 ** 20;

/** Answers one call of an API server on another machine. The caller of this has checked who it is. */
export async function serveKubelet(stream: Duplex, kubelet: KubeletClient): Promise<void> {
  const gone = new AbortController();
  stream.on('error', () => {});
  stream.once('close', () => gone.abort());
  const reader = new FrameReader(stream);
  try {
    const first = await reader.next();
    if (first?.type !== frameType.request) throw badRequest('a call begins with its request');
    await answer({ stream, reader, kubelet, gone }, parseKubeletRequest(first.content));
  } catch (error) {
    const { status } = error instanceof StatusError ? error : new StatusError('InternalError', messageOf(error));
    writeJson(stream, frameType.failed, status);
    stream.end();
  }
}

interface Served {
  stream: Duplex;
  reader: FrameReader;
  kubelet: KubeletClient;
  /** Aborted when the other side has left. */
  gone: AbortController;
}

function answer(served: Served, request: KubeletRequest): Promise<void> {
  const { kubelet } = served;
  switch (request.method) {
    case 'logs':
      return sendLogs(served, request);
    case 'exec':
      return run(served, request, (streams) => kubelet.exec(request.pod, request.container, request.command, streams));
    case 'attach':
      return run(served, request, (streams) => kubelet.attach(request.pod, request.container, streams));
    case 'portForward':
      return forward(served, request);
  }
}

async function sendLogs({ stream, reader, kubelet, gone }: Served, { pod, container, options }: Extract<KubeletRequest, { method: 'logs' }>): Promise<void> {
  const { signal } = gone;
  // It has nothing more to say: what comes is its end.
  const leave = () => gone.abort();
  reader.next().then(leave, leave);
  const chunks = await kubelet.logs(pod, container, { ...options, signal });
  writeFrame(stream, frameType.accepted);
  for await (const chunk of chunks) {
    if (signal.aborted) return;
    if (!writeFrame(stream, frameType.data, chunk)) await writable(stream);
  }
  writeFrame(stream, frameType.end);
  stream.end();
}

async function run({ stream, reader, gone }: Served, { stdin, tty }: { stdin: boolean; tty: boolean }, start: (streams: KubeletStreams) => Promise<number>): Promise<void> {
  const input = new PassThrough();
  const resizes: ((size: { width: number; height: number }) => void)[] = [];
  const send = (type: number) => (chunk: Uint8Array) => {
    writeFrame(stream, type, chunk);
    if (stream.writableLength > maxUnsentBytes) stream.destroy();
  };
  receive(reader, input, (size) => {
    for (const resize of resizes) resize(size);
  })
    .catch(() => stream.destroy())
    .finally(() => gone.abort());
  const code = await start({
    ...(stdin ? { stdin: input } : {}),
    stdout: send(frameType.stdout),
    stderr: send(frameType.stderr),
    onResize: (callback) => void resizes.push(callback),
    tty,
    signal: gone.signal,
  });
  writeFrame(stream, frameType.exit, Buffer.from(String(code)));
  stream.end();
}

/** Input for the program until the other side ends it or leaves. A program that does not read makes the other side wait. */
async function receive(reader: FrameReader, input: PassThrough, resize: (size: { width: number; height: number }) => void): Promise<void> {
  for (let frame = await reader.next(); frame; frame = await reader.next()) {
    if (frame.type === frameType.stdin && !input.write(frame.content)) await writable(input);
    else if (frame.type === frameType.stdinEnd) input.end();
    else if (frame.type === frameType.resize) resize(JSON.parse(frame.content.toString()) as { width: number; height: number });
  }
  input.end();
}

async function forward({ stream, reader, kubelet }: Served, { pod, port }: Extract<KubeletRequest, { method: 'portForward' }>): Promise<void> {
  const target = await kubelet.portForward(pod, port);
  writeFrame(stream, frameType.accepted);
  await reader.release();
  target.on('error', () => stream.destroy());
  target.on('close', () => stream.destroy());
  stream.on('close', () => target.destroy());
  stream.pipe(target);
  target.pipe(stream);
}
