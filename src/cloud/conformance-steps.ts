import type { NodeObject, Service } from '../kube/objects.ts';
import type { ConformanceCloud } from './conformance.ts';
import { differingFields } from './differences.ts';
import { type CloudErrorClass, isCloudError } from './errors.ts';
import type { CloudGroup, OperationContext } from './provider.ts';
import { type ActualResource, type Attribute, type DesiredResource, isRef, refsIn, resourceKey } from './resource.ts';

export const never = new AbortController().signal;
export const context: OperationContext = { signal: never, progress: () => {} };
const attempts = 30;

export function clusterOf(cloud: ConformanceCloud): string {
  return cloud.input.completed.cluster.metadata.name;
}

export function inventory(cloud: ConformanceCloud): Promise<ActualResource[]> {
  return retried(cloud, () => cloud.provider.inventory(clusterOf(cloud), never));
}

/** In order of dependencies, one after the other, each repeated while the cloud calls its failure temporary. */
export async function createAll(cloud: ConformanceCloud): Promise<void> {
  const made = new Map<string, ActualResource>();
  let waiting = cloud.provider.model(cloud.input);
  while (waiting.length > 0) {
    const ready = waiting.filter((resource) => dependencies(resource).every((key) => made.has(key)));
    if (ready.length === 0) throw new RangeError(`the model refers in a circle: ${waiting.map(resourceKey).join(', ')}`);
    for (const desired of ready) {
      const resolved = { kind: desired.kind, name: desired.name, cluster: clusterOf(cloud), attributes: resolve(desired.attributes, made) as Record<string, unknown> };
      const actual = await retried(cloud, async () => cloud.provider.kinds.get(desired.kind)?.create(resolved, context));
      if (actual) made.set(resourceKey(desired), actual);
    }
    waiting = waiting.filter((resource) => !made.has(resourceKey(resource)));
  }
  await cloud.settle();
}

export async function deleteAll(cloud: ConformanceCloud): Promise<void> {
  for (let left = await inventory(cloud); left.length > 0; left = await inventory(cloud)) {
    const free = left.filter((resource) => (cloud.provider.kinds.get(resource.kind)?.deleteAfter?.(resource, left) ?? []).length === 0);
    if (free.length === 0) throw new RangeError(`these resources wait for each other: ${left.map(resourceKey).join(', ')}`);
    for (const resource of free) await retried(cloud, async () => cloud.provider.kinds.get(resource.kind)?.delete(resource, context));
    await cloud.settle();
  }
}

/** `Kind/name` of what is missing or too much, `Kind/name.field` of what differs: what a second plan would show. */
export async function differences(cloud: ConformanceCloud, forgotten: readonly string[]): Promise<string[]> {
  const actual = new Map((await inventory(cloud)).filter((resource) => resource.manager !== 'kubernetes').map((resource) => [resourceKey(resource), resource]));
  const desired = cloud.provider.model(cloud.input);
  const wrong = desired.flatMap((resource) => {
    const found = actual.get(resourceKey(resource));
    if (!found) return [resourceKey(resource)];
    const wanted = resolve(resource.attributes, actual) as Record<string, unknown>;
    const fields = differingFields(wanted, found, cloud.provider.kinds.get(resource.kind)).filter((field) => !forgotten.includes(`${resource.kind}.${field}`));
    return fields.map((field) => `${resourceKey(resource)}.${field}`);
  });
  const known = new Set(desired.map(resourceKey));
  return [...wrong, ...[...actual.keys()].filter((key) => !known.has(key))];
}

function dependencies(resource: DesiredResource): string[] {
  return [...refsIn(resource.attributes).map((reference) => resourceKey(reference.$ref)), ...(resource.dependsOn ?? []).map(resourceKey)];
}

function resolve(value: Attribute | DesiredResource['attributes'], made: ReadonlyMap<string, ActualResource>): unknown {
  if (isRef(value)) return made.get(resourceKey(value.$ref))?.outputs[value.$ref.output];
  if (Array.isArray(value)) return value.map((item) => resolve(item as Attribute, made));
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item as Attribute, made)]));
  return value;
}

async function retried<T>(cloud: ConformanceCloud, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isCloudError(error) || !error.retryable || attempt === attempts) throw error;
      await cloud.settle();
    }
  }
}

export async function fullGroup(cloud: ConformanceCloud): Promise<CloudGroup> {
  const groups = await retried(cloud, () => cloud.provider.instances.groups(clusterOf(cloud)));
  const short = groups.filter((group) => group.instances.filter((instance) => !instance.detached && instance.state === 'running').length !== group.target);
  const group = groups.find((candidate) => candidate.target > 0 && !candidate.name.includes('control-plane'));
  if (!group || short.length > 0) throw new RangeError(`groups are not at their size: ${short.map((candidate) => candidate.name).join(', ')}`);
  return group;
}

export async function errorClassOf(work: Promise<unknown>): Promise<CloudErrorClass | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return isCloudError(error) ? error.class : undefined;
  }
}

export function nodeNamed(name: string): NodeObject {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: {} };
}

export function service(port: number): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default', uid: '7e6b0f0a-5a0f-4f3e-9d57-0c9ed1b0f111' },
    spec: { type: 'LoadBalancer', ports: [{ port, targetPort: 80, nodePort: 30080 }] },
  };
}
