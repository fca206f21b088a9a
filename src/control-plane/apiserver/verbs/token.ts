import type { KubeObject } from '../../../kube/objects.ts';
import { invalid, StatusError } from '../../../kube/status.ts';
import { formatTime } from '../../../lib/clock.ts';
import { type Call, groupVersion } from '../core.ts';
import { plainResult, type Result } from '../result.ts';
import { resourcePrefix } from '../storage/storage.ts';
import type { TokenSubject } from '../tokens.ts';
import { readObject } from './input.ts';
import { currentOf } from './read.ts';

const kind = { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' };
const shortestSeconds = 600;
const longestSeconds = 2 ** 32;

interface TokenRequestSpec {
  audiences?: string[];
  expirationSeconds?: number;
  boundObjectRef?: { apiVersion?: string; kind?: string; name?: string; uid?: string };
}

/** POST serviceaccounts/NAME/token. */
export async function requestToken(call: Call): Promise<Result> {
  const { core, info } = call;
  const request = readObject(call, kind);
  const spec = (request.spec ?? {}) as TokenRequestSpec;
  if (!core.tokens) throw new StatusError('NotFound', 'the server could not find the requested resource');
  await core.storage.fresh();
  const account = currentOf(call).object;
  const seconds = spec.expirationSeconds ?? 3600;
  if (seconds < shortestSeconds || seconds > longestSeconds) {
    const message = seconds < shortestSeconds ? 'may not specify a duration less than 10 minutes' : 'may not specify a duration larger than 2^32 seconds';
    throw invalid(kind.group, kind.kind, info.name ?? '', [{ reason: 'FieldValueInvalid', field: 'spec.expirationSeconds', message: `Invalid value: ${seconds}: ${message}` }]);
  }
  const audiences = spec.audiences?.length ? spec.audiences : [core.tokens.issuer];
  const subject: TokenSubject = { namespace: info.namespace ?? '', serviceAccount: { name: account.metadata.name, uid: account.metadata.uid ?? '' }, ...boundTo(call, spec) };
  const { token, expiresAtMs } = core.tokens.issue(subject, audiences, seconds);
  const answer = {
    kind: kind.kind,
    apiVersion: groupVersion(kind),
    metadata: { name: account.metadata.name, namespace: info.namespace, creationTimestamp: formatTime(core.clock.now()) },
    spec: { ...spec, audiences, expirationSeconds: seconds },
    status: { token, expirationTimestamp: formatTime(expiresAtMs) },
  };
  return plainResult(answer, 201);
}

/** A token may live and die with a pod, a secret or a node. */
function boundTo({ core, info }: Call, { boundObjectRef }: TokenRequestSpec): Partial<TokenSubject> {
  if (!boundObjectRef) return {};
  const { kind: bound = '', name = '', uid } = boundObjectRef;
  const resource = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' }[bound];
  if (!resource) throw new StatusError('BadRequest', `cannot bind token for serviceaccount "${info.name}" to object type "${bound}"`);
  const read = (plural: string, key: string): KubeObject | undefined => {
    const prefix = resourcePrefix('', plural);
    return core.storage.cache(prefix).get(prefix + key)?.object;
  };
  const object = read(resource, resource === 'nodes' ? name : `${info.namespace}/${name}`);
  if (!object) throw new StatusError('NotFound', `${resource} "${name}" not found`, { name, kind: resource });
  const reference = { name, uid: object.metadata.uid ?? '' };
  if (uid && uid !== reference.uid)
    throw new StatusError('Conflict', `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`);
  if (bound !== 'Pod') return bound === 'Node' ? { node: reference } : { secret: reference };
  const nodeName = (object.spec as { nodeName?: string }).nodeName;
  const node = nodeName === undefined ? undefined : read('nodes', nodeName);
  return node ? { pod: reference, node: { name: node.metadata.name, uid: node.metadata.uid ?? '' } } : { pod: reference };
}
