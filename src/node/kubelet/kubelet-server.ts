import type { Duplex } from 'node:stream';
import type { KubeletClient, KubeletLogOptions, KubeletStreams, PodReference } from '../../kube/kubelet-api.ts';
import { badRequest, notFound, StatusError } from '../../kube/status.ts';
import { formatTime } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import type { LogOptions, Runtime } from '../runtime/runtime.ts';
import type { KubeletContext } from './kubelet-context.ts';
import { type ContainerRecord, isRunning, type PodRecord } from './pod-record.ts';

/** What a kubelet serves to the API server about the pods that `find` knows. */
export function createKubeletServer(context: KubeletContext, find: (pod: PodReference) => PodRecord | undefined): KubeletClient {
  const { runtime, fabric, node } = context;
  const container = (pod: PodReference, name: string): ContainerRecord => {
    const record = find(pod);
    if (!record) throw notFound('', 'pods', pod.name);
    const known = record.containers.get(name);
    if (!known) throw badRequest(`container ${name} is not valid for pod ${pod.name}`);
    return known;
  };
  const running = (pod: PodReference, name: string): string => {
    const known = container(pod, name);
    if (!isRunning(known) || !known.current) throw badRequest(`container not found ("${name}")`);
    return known.current.id;
  };
  return {
    logs: async (pod, name, options) => {
      const known = container(pod, name);
      if (known.lost && known.current && !options.previous) return lostLog(known.current.id);
      return logChunks(runtime, logSource(known, pod, options.previous), options);
    },
    exec: async (pod, name, command, streams) => {
      const id = running(pod, name);
      try {
        return await runtime.exec(id, [...command], streams);
      } catch (error) {
        if (error instanceof StatusError) throw error;
        throw new StatusError('InternalError', `Internal error occurred: error executing command in container: ${messageOf(error)}`);
      }
    },
    attach: async (pod, name, streams) => attach(runtime, running(pod, name), streams),
    portForward: async (pod, port): Promise<Duplex> => {
      const record = find(pod);
      if (!record?.ip || record.ended) throw notFound('', 'pods', pod.name);
      // From the pod itself, so that programs that listen on their loopback only are reached too.
      return fabric.connect({ type: 'pod', namespace: pod.namespace, name: pod.name, ip: record.ip, node: node.name }, '127.0.0.1', port);
    },
  };
}

function logSource(container: ContainerRecord, pod: PodReference, previous: boolean): string {
  if (previous) {
    if (!container.previousId) throw badRequest(`previous terminated container "${container.name}" in pod "${pod.name}" not found`);
    return container.previousId;
  }
  if (container.current) return container.current.id;
  if (container.waiting) {
    const { reason } = container.waiting;
    const why = reason === 'ErrImagePull' || reason === 'InvalidImageName' ? "image can't be pulled" : reason === 'ImagePullBackOff' ? 'trying and failing to pull image' : reason;
    throw badRequest(`container "${container.name}" in pod "${pod.name}" is waiting to start: ${why}`);
  }
  throw badRequest(`container "${container.name}" in pod "${pod.name}" is waiting to start: ContainerCreating`);
}

/** The container ended with an earlier life of this node: as a kubelet answers when the log file is gone. */
async function* lostLog(id: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(`unable to retrieve container logs for ${id}`);
}

async function* logChunks(runtime: Runtime, id: string, options: KubeletLogOptions): AsyncIterable<Uint8Array> {
  const request: LogOptions = { follow: options.follow, signal: options.signal };
  if (options.tailLines !== undefined) request.tailLines = options.tailLines;
  if (options.sinceMs !== undefined) request.sinceMs = options.sinceMs;
  let left = options.limitBytes ?? Number.POSITIVE_INFINITY;
  for await (const line of runtime.logs(id, request)) {
    const chunk = Buffer.from(options.timestamps ? `${nanoTime(line.timeMs)} ${line.text}\n` : `${line.text}\n`);
    if (chunk.length >= left) {
      yield chunk.subarray(0, left);
      return;
    }
    left -= chunk.length;
    yield chunk;
  }
}

/** RFC 3339 with nine digits, as container runtimes write it. */
function nanoTime(timeMs: number): string {
  return formatTime(timeMs).replace('Z', `.${String(timeMs % 1000).padStart(3, '0')}000000Z`);
}

async function attach(runtime: Runtime, id: string, streams: KubeletStreams): Promise<number> {
  await runtime.attach(id, streams);
  if (streams.signal.aborted) return 0;
  const status = await runtime.containerStatus(id);
  return status.state === 'exited' ? (status.exitCode ?? 0) : 0;
}
