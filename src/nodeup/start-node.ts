import type { NodeConfig } from '../bootstrap/node-config.ts';
import { startNodeAgent } from '../node/agent.ts';
import type { NodeIdentity } from '../node/kubelet/node-identity.ts';
import { createSimulatedRuntime } from '../node/runtime/simulated-runtime.ts';
import { nodeUserName } from '../pki/certificate-requests.ts';
import type { Boot, RunningNode } from './boot-node.ts';
import { componentImages, staticPods } from './static-pods.ts';

/** Kubelet, runtime and the node's part of the service network. */
export async function startNode(boot: Boot, config: NodeConfig): Promise<RunningNode> {
  const { machine, process } = boot;
  const { environment, fabric, metadata } = machine;
  const { clusterDomain, clusterDNS } = config.networking;
  const { network, release } = process.useNetwork(environment, fabric, clusterDomain);
  const runtime = createSimulatedRuntime({
    environment,
    fabric,
    nodeName: metadata.nodeName,
    nodeIp: metadata.privateIp,
    resolve: network.resolve,
    images: componentImages,
    hardware: { cpus: metadata.vcpus, memoryBytes: metadata.memoryGib * 2 ** 30 },
    clusterDomain,
    ...(clusterDNS ? { nameserver: clusterDNS } : {}),
  });
  const agent = startNodeAgent({
    environment,
    client: process.client({ name: nodeUserName(metadata.nodeName), groups: ['system:nodes', 'system:authenticated'] }, 'kubelet'),
    runtime,
    fabric,
    node: identityOf(boot, config),
    staticPods: staticPods(config),
    informers: network.informers,
    proxy: network.proxy,
  });
  process.kubelets.set(metadata.nodeName, agent.kubelet);
  await agent.started;
  return {
    stop: async (options) => {
      if (process.kubelets.get(metadata.nodeName) === agent.kubelet) process.kubelets.delete(metadata.nodeName);
      await agent.stop(options);
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
