import type { Pod } from '../../../kube/objects.ts';
import { badRequest, conflict, invalid, notFound, StatusError } from '../../../kube/status.ts';
import { formatTime } from '../../../lib/clock.ts';
import { type Call, groupVersion } from '../core.ts';
import { plainResult, type Result } from '../result.ts';
import { resourcePrefix } from '../storage/storage.ts';
import type { TokenSubject } from '../tokens.ts';
import { readObject } from './input.ts';
import { currentOf } from './read.ts';

const kind = { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' };
const boundKinds: Record<string, 'pod' | 'secret' | 'node'> = { Pod: 'pod', Secret: 'secret', Node: 'node' };
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
  const bound = boundTo(call, spec);
  const subject: TokenSubject = { namespace: info.namespace ?? '', name: account.metadata.name, uid: account.metadata.uid ?? '', ...(bound && { bound }) };
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
function boundTo({ core, info }: Call, { boundObjectRef }: TokenRequestSpec): TokenSubject['bound'] {
  if (!boundObjectRef) return undefined;
  const { name = '', uid } = boundObjectRef;
  const kind = boundKinds[boundObjectRef.kind ?? ''];
  if (!kind) throw badRequest(`cannot bind token for serviceaccount "${info.name}" to object type ${boundObjectRef.kind}`);
  const prefix = resourcePrefix('', `${kind}s`);
  const object = core.storage.cache(prefix).get(kind === 'node' ? prefix + name : `${prefix}${info.namespace}/${name}`)?.object;
  if (!object) throw notFound('', `${kind}s`, name);
  const account = (object as Pod).spec?.serviceAccountName;
  if (kind === 'pod' && account !== info.name) throw badRequest(`cannot bind token for serviceaccount "${info.name}" to pod running with different serviceaccount name.`);
  if (uid && uid !== object.metadata.uid) {
    const why = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`;
    throw conflict('', `${kind}s`, name, why);
  }
  return { kind, name, uid: object.metadata.uid ?? '' };
}
