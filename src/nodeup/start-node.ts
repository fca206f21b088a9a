import type { NodeConfig } from '../bootstrap/node-config.ts';
import type { Pod } from '../kube/objects.ts';
import type { Clock } from '../lib/clock.ts';
import { Kubelet } from '../node/kubelet/kubelet.ts';
import type { NodeIdentity } from '../node/kubelet/node-identity.ts';
import { createSimulatedRuntime } from '../node/runtime/simulated-runtime.ts';
import { nodeUserName } from '../pki/certificate-requests.ts';
import type { Boot, RunningNode } from './boot-node.ts';
import { componentImages } from './static-pods.ts';

/** A pod that is deleted waits at most this long for the proxies to forget it before its programs are told to stop. */
const longestDrainMs = 2_000;

/** Kubelet, runtime and the node's part of the service network. */
export async function startNode(boot: Boot, config: NodeConfig, staticPods: readonly Pod[]): Promise<RunningNode> {
  const { machine, process } = boot;
  const { environment, fabric, metadata } = machine;
  const { clusterDomain, clusterDNS } = config.networking;
  const { network, release } = process.useNetwork(environment, fabric, clusterDomain);
  const runtime = createSimulatedRuntime({
    environment,
    fabric,
    nodeName: metadata.nodeName,
    nodeIp: metadata.privateIp,
    resolve: (name, namespace) => network.dns.resolve(name, namespace),
    images: componentImages,
    clusterDomain,
    ...(clusterDNS ? { nameserver: clusterDNS } : {}),
  });
  const kubelet = new Kubelet({
    environment,
    client: process.client({ name: nodeUserName(metadata.nodeName), groups: ['system:nodes', 'system:authenticated'] }),
    runtime,
    fabric,
    node: identityOf(boot, config),
    staticPods,
    services: network.services,
    drained: (ip) => atMost(network.proxy.drained(ip), longestDrainMs, environment.clock),
  });
  process.kubelets.set(metadata.nodeName, kubelet.api);
  const removeNode = network.proxy.addNode({ name: metadata.nodeName, ip: metadata.privateIp });
  await kubelet.start();
  return {
    stop: async (options) => {
      if (process.kubelets.get(metadata.nodeName) === kubelet.api) process.kubelets.delete(metadata.nodeName);
      removeNode();
      await kubelet.stop(options);
      await release();
    },
  };
}

function identityOf(boot: Boot, config: NodeConfig): NodeIdentity {
  const { machine, config: bootConfig } = boot;
  const { nodeName, privateIp, machineType, vcpus, memoryGib, architecture, zone, region, providerId } = machine.metadata;
  return {
    name: nodeName,
    ip: privateIp,
    role: bootConfig.role,
    kubernetesVersion: config.kubernetesVersion,
    machineType,
    vcpus,
    memoryGib,
    architecture,
    zone,
    region,
    providerId,
    labels: config.kubelet.labels,
    taints: config.kubelet.taints,
    maxPods: config.kubelet.maxPods,
    cloudControllers: true,
    clusterDomain: config.networking.clusterDomain,
  };
}

async function atMost(work: Promise<void>, limitMs: number, clock: Clock): Promise<void> {
  let end: () => void = () => {};
  const limit = new Promise<void>((resolve) => {
    const timer = clock.setTimer(limitMs, resolve, { background: true });
    end = () => timer.cancel();
  });
  await Promise.race([work, limit]);
  end();
}
