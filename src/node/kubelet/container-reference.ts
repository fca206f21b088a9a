import type { ObjectReference, Pod } from '../../kube/objects.ts';

export function podReference(pod: Pod): ObjectReference {
  const { namespace, name, uid, resourceVersion } = pod.metadata;
  const reference: ObjectReference = { apiVersion: 'v1', kind: 'Pod', name };
  if (namespace !== undefined) reference.namespace = namespace;
  if (uid !== undefined) reference.uid = uid;
  if (resourceVersion !== undefined) reference.resourceVersion = resourceVersion;
  return reference;
}

/** What an event about one container refers to. */
export function containerReference(pod: Pod, container: string): ObjectReference {
  const list = (containers: readonly { name: string }[] | undefined) => containers?.some(({ name }) => name === container) ?? false;
  const field = list(pod.spec.initContainers) ? 'initContainers' : list(pod.spec.ephemeralContainers) ? 'ephemeralContainers' : 'containers';
  return { ...podReference(pod), fieldPath: `spec.${field}{${container}}` };
}
