import type { KubeObject, LabelSelector } from '../../../kube/objects.ts';
import { formatSelector, selectorOf } from '../../../kube/selectors.ts';
import { conflict, invalid, StatusError } from '../../../kube/status.ts';
import { deepClone } from '../../../lib/json.ts';
import { decodePatch } from '../body.ts';
import type { Call } from '../core.ts';
import { plainResult, type Result } from '../result.ts';
import { checkName, readObject } from './input.ts';
import { patchTypeOf } from './patch.ts';
import { currentOf } from './read.ts';
import { changeObject } from './update.ts';

const scaleKind = { group: 'autoscaling', version: 'v1', kind: 'Scale' };

export async function getScale(call: Call): Promise<Result> {
  await call.core.storage.fresh();
  return plainResult(scaleOf(currentOf(call).object));
}

export async function updateScale(call: Call): Promise<Result> {
  const scale = readObject(call, scaleKind);
  checkName(call, scale);
  return changeScale(call, () => scale);
}

export async function patchScale(call: Call): Promise<Result> {
  const type = patchTypeOf(call);
  const patch = decodePatch(call);
  if (type === 'application/apply-patch+yaml')
    throw new StatusError('UnsupportedMediaType', 'server-side apply of the scale subresource is not supported; apply the object itself');
  return changeScale(call, (current) => call.core.policy.applyPatch(type, 'autoscaling.v1.Scale', current, patch));
}

/** A write of a scale is a write of `spec.replicas` of its object. */
async function changeScale(call: Call, make: (current: KubeObject) => KubeObject): Promise<Result> {
  const { group, resource, kind } = call.target.resource;
  const change = (current: KubeObject): KubeObject => {
    const scale = make(scaleOf(current));
    const { name, resourceVersion } = scale.metadata;
    if (resourceVersion && resourceVersion !== current.metadata.resourceVersion) throw conflict(group, resource, name);
    const replicas = (scale.spec as { replicas?: number } | undefined)?.replicas ?? 0;
    if (!Number.isInteger(replicas) || replicas < 0) {
      throw invalid('autoscaling', 'Scale', name, [
        { reason: 'FieldValueInvalid', field: 'spec.replicas', message: `Invalid value: ${replicas}: must be greater than or equal to 0` },
      ]);
    }
    const next = deepClone(current);
    next.spec = { ...(next.spec as object), replicas };
    return next;
  };
  // The rules of the kind see a write of the object itself: a scale may change the spec.
  const result = await changeObject({ ...call, info: { ...call.info, subresource: undefined } }, { make: change, operation: 'Update', managedSubresource: 'scale' });
  if (result.type !== 'object') throw new StatusError('InternalError', `scaling a ${kind} gave no object`);
  return plainResult(scaleOf(result.stored.object));
}

function scaleOf(object: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const spec = object.spec as { replicas?: number; selector?: LabelSelector };
  const status = object.status as { replicas?: number } | undefined;
  const metadata = { name, namespace, uid, resourceVersion, creationTimestamp } as KubeObject['metadata'];
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata,
    spec: { replicas: spec.replicas ?? 0 },
    status: { replicas: status?.replicas ?? 0, selector: formatSelector(selectorOf(spec.selector)) },
  };
}
