import type { Fabric, Source } from '../../fabric/fabric.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { EventRecorder } from '../../kube/event-recorder.ts';
import type { Pod, Service } from '../../kube/objects.ts';
import type { Environment } from '../../lib/environment.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { BackOff } from './back-off.ts';
import type { ImagePuller } from './image-puller.ts';
import type { NodeIdentity } from './node-identity.ts';
import type { ObjectReader } from './object-reader.ts';
import type { PodIpPool } from './pod-ip-pool.ts';
import type { Dialer } from './probe-dial.ts';
import type { StartSlots } from './start-slots.ts';
import type { StatusManager } from './status-manager.ts';

/** What the parts of one kubelet share. */
export interface KubeletContext {
  environment: Environment;
  client: KubeClient;
  runtime: Runtime;
  fabric: Fabric;
  node: NodeIdentity;
  events: EventRecorder;
  images: ImagePuller;
  objects: ObjectReader;
  statuses: StatusManager;
  restartBackOff: BackOff;
  mountBackOff: BackOff;
  /** Pods that are being started take turns, so that each is quickly through instead of all being halfway for long. */
  starts: StartSlots;
  /** Undefined until the node has its part of the pod network. */
  ips(): PodIpPool | undefined;
  services(namespace: string): readonly Service[];
  /** Why the node cannot take a pod; undefined: it can. */
  admit(pod: Pod): Promise<{ reason: string; message: string } | undefined>;
  /** Resolves when no Service sends new connections to the address any more, or after a short bounded time. */
  drained(ip: string): Promise<void>;
}

/** How the kubelet's probes and hooks dial: from the node, through the fabric. */
export function dialerOf(context: KubeletContext): Dialer {
  const from: Source = { type: 'node', name: context.node.name, ip: context.node.ip };
  return { fabric: context.fabric, from, clock: context.environment.clock };
}
