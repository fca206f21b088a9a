import type { Condition, KubeObject, Pod } from '../../../kube/objects.ts';
import { badRequest, StatusError } from '../../../kube/status.ts';
import { timestamp } from '../../../lib/clock.ts';
import { type Call, makeTarget, type Target } from '../core.ts';
import { plainResult, type Result, successStatus } from '../result.ts';
import { checkPreconditions, type Deletion, deleteNamed, deletionFrom } from './delete.ts';
import { isDryRun, readObject } from './input.ts';
import { currentOf } from './read.ts';
import { changeObject } from './update.ts';

interface Binding extends KubeObject {
  target?: { kind?: string; name?: string };
}

/** POST pods/NAME/binding, and POST bindings, where the name stands in the body: a scheduler's decision. */
export async function bindPod(call: Call): Promise<Result> {
  const binding = readObject(call, { group: '', version: 'v1', kind: 'Binding' }) as Binding;
  const name = call.info.name ?? binding.metadata.name;
  const node = binding.target?.name;
  if (!node) throw badRequest('target.name: Required value');
  const target = podsOf(call);
  const info = { ...call.info, name, subresource: 'binding' };
  await changeObject({ ...call, target, info }, { make: (current) => bound(call, current as Pod, node, binding), operation: 'Update', trusted: true });
  return plainResult(successStatus(undefined, 201), 201);
}

/** The binding of a pod is a write of the pod, whichever URL it came by. */
function podsOf({ core, target }: Call): Target {
  const pods = core.tables.resource('', 'v1', 'pods');
  return target.resource === pods || !pods ? target : makeTarget(core, pods);
}

function bound({ core }: Call, current: Pod, node: string, binding: Binding): KubeObject {
  const { name, deletionTimestamp, uid } = current.metadata;
  const refuse = (why: string) => new StatusError('Conflict', `Operation cannot be fulfilled on pods/binding "${name}": ${why}`, { name, kind: 'pods/binding' });
  if (binding.metadata.uid && binding.metadata.uid !== uid) throw refuse(`Precondition failed: UID in precondition: ${binding.metadata.uid}, UID in object meta: ${uid}`);
  if (deletionTimestamp) throw refuse(`pod ${name} is being deleted, cannot be assigned to a host`);
  if (current.spec.nodeName) throw refuse(`pod ${name} is already assigned to node "${current.spec.nodeName}"`);
  const scheduled: Condition = { type: 'PodScheduled', status: 'True', lastTransitionTime: timestamp(core.clock) };
  const pod: Pod = {
    ...current,
    spec: { ...current.spec, nodeName: node },
    status: { ...current.status, conditions: [...(current.status?.conditions ?? []).filter(({ type }) => type !== 'PodScheduled'), scheduled] },
  };
  if (binding.metadata.annotations) pod.metadata = { ...pod.metadata, annotations: { ...pod.metadata.annotations, ...binding.metadata.annotations } };
  return pod;
}

/** POST pods/NAME/eviction. No disruption budgets are served, so nothing holds an eviction back. */
export async function evictPod(call: Call): Promise<Result> {
  const eviction = readObject(call, { group: 'policy', version: 'v1', kind: 'Eviction' });
  if (eviction.metadata.name && eviction.metadata.name !== call.info.name) throw badRequest('name in URL does not match name in Eviction object');
  const deletion = deletionFrom((eviction.deleteOptions ?? {}) as Record<string, unknown>, call.query);
  await call.core.storage.fresh();
  const noted = !isDryRun(call) && currentOf(call).object.metadata.deletionTimestamp === undefined;
  if (noted) await noteEviction(call, deletion);
  // The note is a write of its own: the version that was asked for has been checked by it.
  await deleteNamed({ ...call, info: { ...call.info, subresource: undefined } }, noted ? { ...deletion, resourceVersion: undefined } : deletion);
  return plainResult(successStatus(undefined, 201), 201);
}

/** The pod says why it goes; nothing is said when it is not the pod that was meant. */
async function noteEviction(call: Call, deletion: Deletion): Promise<void> {
  const condition: Condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
    lastTransitionTime: timestamp(call.core.clock),
  };
  const make = (current: KubeObject): KubeObject => {
    checkPreconditions(call, current, deletion);
    const { status } = current as Pod;
    return { ...current, status: { ...status, conditions: [...(status?.conditions ?? []).filter(({ type }) => type !== condition.type), condition] } };
  };
  await changeObject({ ...call, info: { ...call.info, subresource: 'status' } }, { make, operation: 'Update', trusted: true });
}
