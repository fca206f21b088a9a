import type { Duplex } from 'node:stream';
import type { KubeletClient, KubeletStreams } from '../kubelet-api.ts';
import { type Status, StatusError } from '../status.ts';
import { type Frame, FrameReader, frameType, writable, writeFrame, writeJson } from './frames.ts';
import type { KubeletRequest } from './request.ts';

/** The kubelet of another machine: a connection for each call. `dial` rejects with a StatusError when it cannot be reached. */
export function createRemoteKubelet(dial: () => Promise<Duplex>): KubeletClient {
  return {
    logs: async (pod, container, { signal, ...options }) => {
      const { stream, reader } = await open(dial, { method: 'logs', pod, container, options }, signal);
      await accepted(stream, reader);
      return logChunks(stream, reader, signal);
    },
    exec: (pod, container, command, streams) => remoteCommand(dial, { method: 'exec', pod, container, command: [...command], ...wishes(streams) }, streams),
    attach: (pod, container, streams) => remoteCommand(dial, { method: 'attach', pod, container, ...wishes(streams) }, streams),
    portForward: async (pod, port) => {
      const { stream, reader } = await open(dial, { method: 'portForward', pod, port });
      await accepted(stream, reader);
      await reader.release();
      return stream;
    },
  };
}

interface Call {
  stream: Duplex;
  reader: FrameReader;
}

async function open(dial: () => Promise<Duplex>, request: KubeletRequest, signal?: AbortSignal): Promise<Call> {
  const stream = await dial();
  stream.on('error', () => {});
  const stop = () => void stream.destroy();
  signal?.addEventListener('abort', stop, { once: true });
  stream.once('close', () => signal?.removeEventListener('abort', stop));
  if (signal?.aborted) stop();
  writeJson(stream, frameType.request, request);
  return { stream, reader: new FrameReader(stream) };
}

async function accepted(stream: Duplex, reader: FrameReader): Promise<void> {
  try {
    const frame = await nextFrame(reader);
    if (frame?.type !== frameType.accepted) throw lost();
  } catch (error) {
    stream.destroy();
    throw error;
  }
}

/** Throws what the other side says went wrong. */
async function nextFrame(reader: FrameReader): Promise<Frame | undefined> {
  const frame = await reader.next().catch(() => undefined);
  if (frame?.type === frameType.failed) throw StatusError.from(JSON.parse(frame.content.toString()) as Status);
  return frame;
}

async function* logChunks(stream: Duplex, reader: FrameReader, signal: AbortSignal): AsyncIterable<Uint8Array> {
  try {
    for (;;) {
      const frame = await nextFrame(reader);
      if (frame?.type === frameType.end || signal.aborted) return;
      if (frame?.type !== frameType.data) throw lost();
      yield frame.content;
    }
  } finally {
    stream.destroy();
  }
}

function wishes({ stdin, tty }: KubeletStreams): { stdin: boolean; tty: boolean } {
  return { stdin: stdin !== undefined, tty };
}

async function remoteCommand(dial: () => Promise<Duplex>, request: KubeletRequest, streams: KubeletStreams): Promise<number> {
  const { stream, reader } = await open(dial, request, streams.signal);
  try {
    if (streams.stdin) sendInput(stream, streams.stdin).catch(() => stream.destroy());
    streams.onResize?.((size) => void writeJson(stream, frameType.resize, size));
    for (;;) {
      const frame = await nextFrame(reader);
      if (frame?.type === frameType.stdout) streams.stdout(frame.content);
      else if (frame?.type === frameType.stderr) streams.stderr(frame.content);
      else if (frame?.type === frameType.exit) return Number(frame.content.toString());
      // Whoever asked has left: as an attach ends that its client leaves.
      else if (streams.signal.aborted) return 0;
      else throw lost();
    }
  } finally {
    stream.destroy();
  }
}

async function sendInput(stream: Duplex, stdin: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of stdin) {
    if (stream.destroyed) return;
    if (!writeFrame(stream, frameType.stdin, chunk)) await writable(stream);
  }
  writeFrame(stream, frameType.stdinEnd);
}

function lost(): StatusError {
  return new StatusError('InternalError', 'the connection to the kubelet broke');
}
