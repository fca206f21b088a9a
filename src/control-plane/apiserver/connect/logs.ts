import type { KubeletLogOptions } from '../../../kube/kubelet-api.ts';
import type { ApiStreamBody } from '../../../kube/request.ts';
import { invalid } from '../../../kube/status.ts';
import { parseTime } from '../../../lib/clock.ts';
import { messageOf } from '../../../lib/errors.ts';
import type { Call } from '../core.ts';
import { parseBool } from '../request-info.ts';
import { type Result, textResponse } from '../result.ts';
import { podOf, podTarget } from './pod-target.ts';

/** GET pods/NAME/log: the kubelet's lines as they come. */
export async function podLogs(call: Call): Promise<Result> {
  const pod = await podOf(call);
  const stop = new AbortController();
  call.signal?.addEventListener('abort', () => stop.abort(), { once: true });
  const options = logOptions(call, stop.signal);
  // A pod without a node has no log yet, which is no error.
  if (!pod.spec.nodeName) return { type: 'response', response: textResponse(200, '') };
  const { kubelet, pod: reference, container } = podTarget(call, pod, 'containerLogs');
  const chunks = await kubelet.logs(reference, container, options);
  return { type: 'response', response: { status: 200, body: streamBody(chunks, stop) } };
}

function logOptions({ core, query }: Call, signal: AbortSignal): KubeletLogOptions {
  const options: KubeletLogOptions = { follow: parseBool(query.get('follow')), previous: parseBool(query.get('previous')), timestamps: parseBool(query.get('timestamps')), signal };
  const tailLines = numberOf(query, 'tailLines', 0);
  const limitBytes = numberOf(query, 'limitBytes', 1);
  const sinceSeconds = numberOf(query, 'sinceSeconds', 1);
  const sinceTime = query.get('sinceTime');
  if (tailLines !== undefined) options.tailLines = tailLines;
  if (limitBytes !== undefined) options.limitBytes = limitBytes;
  if (sinceSeconds !== undefined) options.sinceMs = core.clock.now() - sinceSeconds * 1000;
  else if (sinceTime) options.sinceMs = parseTime(sinceTime);
  return options;
}

function numberOf(query: URLSearchParams, name: string, least: number): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw invalid('', 'PodLogOptions', '', [{ reason: 'FieldValueInvalid', field: name, message: `Invalid value: ${text}: must be greater than or equal to ${least}` }]);
}

function streamBody(chunks: AsyncIterable<Uint8Array>, stop: AbortController): ApiStreamBody {
  return {
    type: 'stream',
    contentType: 'text/plain',
    start(sink) {
      const copy = async () => {
        for await (const chunk of chunks) {
          if (stop.signal.aborted) return;
          if (!sink.write(chunk)) await new Promise<void>((resolve) => drained(sink.onDrain, stop.signal, resolve));
        }
      };
      copy()
        .catch((error: unknown) => {
          if (!stop.signal.aborted) sink.write(Buffer.from(`${messageOf(error)}\n`));
        })
        .finally(() => sink.end());
      return { stop: () => stop.abort() };
    },
  };
}

function drained(onDrain: (callback: () => void) => void, signal: AbortSignal, resolve: () => void): void {
  if (signal.aborted) {
    resolve();
    return;
  }
  signal.addEventListener('abort', resolve, { once: true });
  onDrain(() => {
    signal.removeEventListener('abort', resolve);
    resolve();
  });
}
