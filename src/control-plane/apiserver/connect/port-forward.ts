import type { Duplex } from 'node:stream';
import type { PodReference } from '../../../kube/kubelet-api.ts';
import type { ApiUpgradeBody, ForwardedConnection } from '../../../kube/request.ts';
import { badRequest } from '../../../kube/status.ts';
import { messageOf } from '../../../lib/errors.ts';
import type { Call } from '../core.ts';
import type { Result } from '../result.ts';
import { kubeletOf, podOf } from './pod-target.ts';

type Open = (port: number) => Promise<Duplex>;

/** pods/NAME/portforward: the client's connections go on to ports of the pod. */
export async function podPortForward(call: Call): Promise<Result> {
  const pod = await podOf(call);
  const { name, namespace = '', uid = '' } = pod.metadata;
  const reference: PodReference = { name, namespace, uid };
  if (pod.status?.phase !== 'Running') throw badRequest(`unable to forward port because pod is not running. Current status=${pod.status?.phase ?? 'Pending'}`);
  const kubelet = kubeletOf(call, pod, `portForward/${namespace}/${name}`);
  const body: ApiUpgradeBody = {
    type: 'upgrade',
    protocol: 'portForward',
    async serve({ onConnection, signal }) {
      onConnection?.((connection) => forward(connection, reference, (port) => kubelet.portForward(reference, port)));
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    },
  };
  return { type: 'response', response: { status: 101, body } };
}

function forward({ port, stream, error }: ForwardedConnection, pod: PodReference, open: Open): void {
  open(port).then(
    (target) => join(stream, target),
    (cause: unknown) => {
      error(`error forwarding port ${port} to pod ${pod.name}, uid ${pod.uid}: failed to connect to localhost:${port} inside namespace "${pod.namespace}": ${messageOf(cause)}`);
      stream.destroy();
    },
  );
}

function join(one: Duplex, other: Duplex): void {
  one.on('error', () => other.destroy());
  one.on('close', () => other.destroy());
  other.on('error', () => one.destroy());
  one.pipe(other);
  other.pipe(one);
}
