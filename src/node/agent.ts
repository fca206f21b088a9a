import type { Fabric } from '../fabric/fabric.ts';
import type { KubeClient } from '../kube/client.ts';
import { type SharedInformers, sharedInformers } from '../kube/informer.ts';
import type { KubeletClient } from '../kube/kubelet-api.ts';
import type { Pod, Service } from '../kube/objects.ts';
import { resourceTypes } from '../kube/resource-types.ts';
import type { Environment } from '../lib/environment.ts';
import { Kubelet } from './kubelet/kubelet.ts';
import type { NodeIdentity } from './kubelet/node-identity.ts';
import type { ServiceProxy } from './proxy/proxy.ts';
import type { Runtime } from './runtime/runtime.ts';

export interface NodeAgentOptions {
  environment: Environment;
  /** As `system:node:<name>`, in the group `system:nodes`. */
  client: KubeClient;
  runtime: Runtime;
  fabric: Fabric;
  node: NodeIdentity;
  staticPods?: readonly Pod[];
  /** Where Services are read from; by default the agent's own, through its client. */
  informers?: SharedInformers;
  /** The proxy this node's ports are opened by; it may serve many nodes. Without one, pods end without waiting for their endpoints to leave. */
  proxy?: ServiceProxy;
}

export interface NodeAgent {
  /** What the API server asks of this node. */
  kubelet: KubeletClient;
  /** Resolves when the node is registered and knows its pods. */
  started: Promise<void>;
  /** Graceful: the node says first that it goes (Ready=False). Otherwise as when the power goes. */
  stop(options: { graceful: boolean }): Promise<void>;
}

/** Everything that runs on a node. Starts at once; what cannot be reached is tried again. */
export function startNodeAgent(options: NodeAgentOptions): NodeAgent {
  const { environment, client, runtime, fabric, node, proxy } = options;
  const informers = options.informers ?? sharedInformers(client, environment);
  const services = informers.for<Service>(resourceTypes.services);
  services.addIndex('namespace', (service) => [service.metadata.namespace ?? '']);
  const kubelet = new Kubelet({
    environment,
    client,
    runtime,
    fabric,
    node,
    staticPods: options.staticPods ?? [],
    services: (namespace) => services.byIndex('namespace', namespace),
    servicesSynced: services.synced,
    drained: async (ip) => proxy?.drained(ip),
  });
  proxy?.addNode({ name: node.name, ip: node.ip });
  const release = fabric.assign(node.ip);
  const started = kubelet.start();
  return {
    kubelet: kubelet.api,
    started,
    stop: async (how) => {
      proxy?.removeNode(node.name);
      await kubelet.stop(how);
      if (!options.informers) informers.stop();
      release();
    },
  };
}
