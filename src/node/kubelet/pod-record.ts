import type { Listener } from '../../fabric/fabric.ts';
import type { Container, ContainerState, Pod } from '../../kube/objects.ts';
import type { RuntimeContainer } from '../runtime/runtime.ts';

export type ContainerKind = 'init' | 'sidecar' | 'main' | 'ephemeral';

/** What the kubelet knows of one container of a pod. */
export interface ContainerRecord {
  name: string;
  kind: ContainerKind;
  /** The runtime's newest container of this name; `state` and times as last heard. */
  current?: RuntimeContainer;
  /** Found in the API from before this kubelet started: nothing of it is in the runtime. */
  lost?: boolean;
  restartCount: number;
  last?: ContainerState['terminated'];
  /** Id of the instance before the last restart, kept for `logs --previous`. */
  previousId?: string;
  waiting?: { reason: string; message?: string };
  /** Startup probe passed (or none) and the postStart hook has returned. */
  started: boolean;
  /** Readiness probe's verdict; true when there is none. */
  ready: boolean;
  postStart: 'none' | 'running' | 'done';
  /** Set while the kubelet itself stops the container. */
  stopping?: boolean;
}

/** A pod on this node. `pod` is the newest version from the API (or a static pod's own). */
export interface PodRecord {
  /** The API object's uid; for a static pod the uid of its mirror once there is one. */
  uid: string;
  pod: Pod;
  isStatic: boolean;
  sandboxId?: string;
  ip?: string;
  /** The sandbox is stopped and the address given back. */
  released?: boolean;
  /** Open on the node's address while the sandbox lives. */
  hostPorts: readonly Listener[];
  startTimeMs?: number;
  containers: Map<string, ContainerRecord>;
  /** Set when the pod ended for a reason of its own: rejected, deadline exceeded. */
  failed?: { reason: string; message: string };
  terminating: boolean;
  /** The init containers have finished once; what happens to sidecars later does not take the pod back. */
  initDone: boolean;
  /** All containers have ended and none will start again. */
  ended: boolean;
}

export function initKind(container: Container): ContainerKind {
  return container.restartPolicy === 'Always' ? 'sidecar' : 'init';
}

/** Containers with their kind, in the order they start. */
export function containersOf(pod: Pod): { spec: Container; kind: ContainerKind }[] {
  return [
    ...(pod.spec.initContainers ?? []).map((spec) => ({ spec, kind: initKind(spec) })),
    ...pod.spec.containers.map((spec) => ({ spec, kind: 'main' as const })),
    ...(pod.spec.ephemeralContainers ?? []).map((spec) => ({ spec, kind: 'ephemeral' as const })),
  ];
}

/** `name_namespace(uid)`: how the kubelet names a pod in messages. */
export function podLabel(pod: Pod): string {
  return `${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`;
}

export function isRunning(record: ContainerRecord): boolean {
  return record.current?.state === 'running';
}

export function hasExited(record: ContainerRecord): boolean {
  return record.current?.state === 'exited';
}
