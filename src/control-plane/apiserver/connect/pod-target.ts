import type { KubeletClient, PodReference } from '../../../kube/kubelet-api.ts';
import type { NodeObject, Pod } from '../../../kube/objects.ts';
import { badRequest, notFound, StatusError } from '../../../kube/status.ts';
import type { Call } from '../core.ts';
import { resourcePrefix } from '../storage/storage.ts';
import { currentOf } from '../verbs/read.ts';

export interface PodTarget {
  kubelet: KubeletClient;
  pod: PodReference;
  container: string;
}

/** The pod a request names, as the cache has it now. Throws StatusError NotFound. */
export async function podOf(call: Call): Promise<Pod> {
  await call.core.storage.fresh();
  return currentOf({ ...call, info: { ...call.info, subresource: undefined } }).object as Pod;
}

/** Where a container runs. Throws StatusError in Kubernetes' words when it runs nowhere or its node cannot be reached. */
export function podTarget(call: Call, pod: Pod, endpoint: string): PodTarget {
  const container = containerOf(pod, call.query.get('container') ?? '');
  const { name, namespace = '', uid = '' } = pod.metadata;
  return { kubelet: kubeletOf(call, pod, `${endpoint}/${namespace}/${name}/${container}`), pod: { namespace, name, uid }, container };
}

export function kubeletOf({ core }: Call, pod: Pod, path: string): KubeletClient {
  const { nodeName } = pod.spec;
  if (!nodeName) throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
  const kubelet = core.kubelets(nodeName);
  if (kubelet) return kubelet;
  const prefix = resourcePrefix('', 'nodes');
  const node = core.storage.cache(prefix).get(prefix + nodeName)?.object as NodeObject | undefined;
  if (!node) throw notFound('', 'nodes', nodeName);
  const address = node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? nodeName;
  const port = node.status?.daemonEndpoints?.kubeletEndpoint.Port || 10_250;
  throw new StatusError('InternalError', `Get "https://${address}:${port}/${path}": dial tcp ${address}:${port}: connect: connection refused`);
}

function containerOf({ metadata, spec }: Pod, wanted: string): string {
  const names = spec.containers.map(({ name }) => name);
  const init = (spec.initContainers ?? []).map(({ name }) => name);
  const ephemeral = (spec.ephemeralContainers ?? []).map(({ name }) => name);
  if (wanted !== '') {
    if ([...names, ...init, ...ephemeral].includes(wanted)) return wanted;
    throw badRequest(`container ${wanted} is not valid for pod ${metadata.name}`);
  }
  const [only] = names;
  if (only !== undefined && names.length === 1 && init.length === 0) return only;
  if (names.length === 0) throw badRequest(`a container name must be specified for pod ${metadata.name}`);
  const initHint = init.length > 0 ? ` or one of the init containers: [${init.join(' ')}]` : '';
  const ephemeralHint = ephemeral.length > 0 ? ` or one of the ephemeral containers: [${ephemeral.join(' ')}]` : '';
  throw badRequest(`a container name must be specified for pod ${metadata.name}, choose one of: [${names.join(' ')}]${initHint}${ephemeralHint}`);
}
