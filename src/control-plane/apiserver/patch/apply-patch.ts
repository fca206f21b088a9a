import jsonPatch from 'fast-json-patch';
import type { ApiTables } from '../../../kube/api/tables.ts';
import type { PatchType } from '../../../kube/client.ts';
import type { KubeObject } from '../../../kube/objects.ts';
import { badRequest, StatusError } from '../../../kube/status.ts';
import { messageOf } from '../../../lib/errors.ts';
import { deepClone, isPlainObject } from '../../../lib/json.ts';
import { strategicMerge } from './strategic-merge.ts';

export interface PatchRequest {
  tables: ApiTables;
  /** Short name of the object's schema: `core.v1.Pod`. */
  definition: string;
  current: KubeObject;
  patch: unknown;
}

/** The object after the patch; `current` stays as it was, and what the patch does not touch may be shared with it. Throws BadRequest or Invalid (a JSON patch that does not fit the object). */
export function applyPatch(patchType: PatchType, { tables, definition, current, patch }: PatchRequest): KubeObject {
  if (patchType === 'application/json-patch+json') return applyJsonPatch(current, patch);
  if (!isPlainObject(patch)) throw badRequest(`error decoding patch: a ${patchType} patch must be a JSON object`);
  if (patchType === 'application/merge-patch+json') return jsonMergePatch(current, deepClone(patch)) as KubeObject;
  if (patchType === 'application/strategic-merge-patch+json') return strategicMerge(tables, definition, current, patch);
  throw new StatusError('UnsupportedMediaType', `the body of the request was in an unknown format - accepted media types include: ${patchTypes.join(', ')}`);
}

const patchTypes: PatchType[] = ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml', 'application/strategic-merge-patch+json'];

const maxOperations = 10_000;

function applyJsonPatch(current: KubeObject, patch: unknown): KubeObject {
  if (!Array.isArray(patch)) throw badRequest('error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  if (patch.length > maxOperations) {
    throw new StatusError('RequestEntityTooLarge', `The allowed maximum operations in a JSON patch is ${maxOperations}, got ${patch.length}`);
  }
  try {
    return jsonPatch.applyPatch(deepClone(current), deepClone(patch), true, true, true).newDocument;
  } catch (error) {
    throw new StatusError('Invalid', `the server rejected our request due to an error in our request: ${messageOf(error).split('\n')[0]}`);
  }
}

/** RFC 7386. */
function jsonMergePatch(target: unknown, patch: unknown): unknown {
  if (!isPlainObject(patch)) return patch;
  const result = isPlainObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = jsonMergePatch(result[key], value);
  }
  return result;
}
