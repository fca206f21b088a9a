import type { CloudInstance } from '../../../src/cloud/provider.ts';
import { formatTime } from '../../../src/lib/clock.ts';
import type { Environment } from '../../../src/lib/environment.ts';
import { hex } from '../../../src/lib/random.ts';
import type { CloudResource, CreateRequest } from './api.ts';
import type { KindRules } from './kind-rules.ts';
import type { ClusterState, InstanceRecord, StoredResource } from './state.ts';

export function newResource(
  request: CreateRequest,
  rules: KindRules,
  state: ClusterState,
  environment: Pick<Environment, 'clock' | 'random'>,
  delays: { pendingMs: number; visibleAfterMs: number },
): StoredResource {
  const id = `${rules.idPrefix}-${hex(environment.random, 17)}`;
  const now = environment.clock.now();
  return {
    id,
    kind: request.kind,
    name: request.name,
    cluster: request.cluster,
    manager: request.manager ?? 'kops',
    attributes: request.attributes,
    outputs: { id, ...rules.outputs?.(request, state) },
    createdAt: now,
    visibleAt: now + delays.visibleAfterMs,
    availableAt: now + delays.pendingMs,
  };
}

export function describeResource(resource: StoredResource, now: number): CloudResource {
  const { id, kind, name, cluster, manager, attributes, outputs, availableAt } = resource;
  return { id, kind, name, cluster, manager, attributes, outputs, state: availableAt > now ? 'pending' : 'available' };
}

/** `template`: of its group; undefined when the group is gone. */
export function describeInstance(instance: InstanceRecord, template: string | undefined, problem: string | undefined): CloudInstance {
  const { id, state, machineType, zone, privateIp, publicIp, nodeName, detached } = instance;
  return {
    id,
    state,
    machineType,
    zone,
    privateIp,
    ...(publicIp === undefined ? {} : { publicIp }),
    nodeName,
    needsUpdate: instance.template !== template,
    detached,
    launchedAt: formatTime(instance.launchedAt),
    ...(problem === undefined ? {} : { problem }),
  };
}
