import type { Condition, NodeObject, Taint } from '../../kube/objects.ts';
import type { PulledImage, Runtime } from '../runtime/runtime.ts';
import type { NodeIdentity } from './node-identity.ts';

export interface NodeFacts {
  identity: NodeIdentity;
  runtime: Runtime;
  images: readonly PulledImage[];
  /** New at every start of the machine. */
  bootId: string;
  /** RFC 3339. */
  now: string;
  /** Why the node is not ready; undefined: it is. */
  notReady?: { reason: string; message: string };
}

const kubeletPort = 10250;
const rootDiskKib = 20 * 1024 * 1024;
const reservedMemoryKib = 100 * 1024;
// The kubelet reports its fifty largest images.
const reportedImages = 50;

/** The Node as a kubelet registers it. */
export function newNode(facts: NodeFacts): NodeObject {
  const { identity } = facts;
  const spec: NodeObject['spec'] = {};
  if (identity.podCIDR) Object.assign(spec, { podCIDR: identity.podCIDR, podCIDRs: [identity.podCIDR] });
  if (identity.providerId) spec.providerID = identity.providerId;
  const taints = nodeTaints(identity);
  if (taints.length > 0) spec.taints = taints;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: identity.name, labels: nodeLabels(identity), annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' } },
    spec,
    status: nodeStatus(facts, undefined),
  };
}

export function nodeLabels(identity: NodeIdentity): Record<string, string> {
  const labels: Record<string, string> = {
    'beta.kubernetes.io/arch': identity.architecture,
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': identity.architecture,
    'kubernetes.io/hostname': identity.hostname ?? identity.name,
    'kubernetes.io/os': 'linux',
  };
  if (identity.machineType) labels['node.kubernetes.io/instance-type'] = identity.machineType;
  if (identity.zone) labels['topology.kubernetes.io/zone'] = identity.zone;
  if (identity.region) labels['topology.kubernetes.io/region'] = identity.region;
  return { ...labels, ...identity.labels };
}

function nodeTaints(identity: NodeIdentity): Taint[] {
  const taints = identity.taints.map(parseTaint);
  if (identity.cloudControllers) taints.push({ key: 'node.cloudprovider.kubernetes.io/uninitialized', value: 'true', effect: 'NoSchedule' });
  return taints;
}

/** `key=value:Effect`, `key:Effect`. */
function parseTaint(text: string): Taint {
  const [pair = '', effect = 'NoSchedule'] = text.split(/:(?=[^:]*$)/);
  const [key = '', value] = pair.split('=');
  const taint: Taint = { key, effect: effect as Taint['effect'] };
  if (value) taint.value = value;
  return taint;
}

/** `previous` keeps the times of conditions that stay as they are. */
export function nodeStatus(facts: NodeFacts, previous: NodeObject['status']): NonNullable<NodeObject['status']> {
  const { identity, runtime } = facts;
  const memoryKib = Math.round(identity.memoryGib * 1024 * 1024);
  const hugePages = { 'hugepages-1Gi': '0', 'hugepages-2Mi': '0' };
  const pods = String(identity.maxPods);
  const status: NonNullable<NodeObject['status']> = {
    capacity: { cpu: String(identity.vcpus), 'ephemeral-storage': `${rootDiskKib}Ki`, ...hugePages, memory: `${memoryKib}Ki`, pods },
    allocatable: {
      cpu: String(identity.vcpus),
      'ephemeral-storage': String(Math.floor(rootDiskKib * 1024 * 0.9)),
      ...hugePages,
      memory: `${memoryKib - reservedMemoryKib}Ki`,
      pods,
    },
    conditions: nodeConditions(facts, previous?.conditions ?? []),
    addresses: previous?.addresses ?? [
      { type: 'InternalIP', address: identity.ip },
      { type: 'Hostname', address: identity.hostname ?? identity.name },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } },
    nodeInfo: nodeInfo(identity, runtime, facts.bootId),
    images: facts.images.slice(0, reportedImages).map(({ names, sizeBytes }) => ({ names, sizeBytes })),
  };
  return status;
}

function nodeInfo(identity: NodeIdentity, runtime: Runtime, bootId: string): Record<string, string> {
  const machineId = identity.providerId ?? identity.name;
  return {
    machineID: machineId,
    systemUUID: machineId,
    bootID: bootId,
    kernelVersion: '6.12.0-simulated',
    osImage: 'kops-ts simulated Linux',
    containerRuntimeVersion: `${runtime.name}://${runtime.version}`,
    kubeletVersion: identity.kubernetesVersion,
    kubeProxyVersion: '',
    operatingSystem: 'linux',
    architecture: identity.architecture,
  };
}

function nodeConditions(facts: NodeFacts, previous: readonly Condition[]): Condition[] {
  const healthy: [string, Condition['status'], string, string][] = [
    ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
    ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
    ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
    facts.notReady ? ['Ready', 'False', facts.notReady.reason, facts.notReady.message] : ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
  ];
  return healthy.map(([type, status, reason, message]) => {
    const old = previous.find((condition) => condition.type === type);
    return {
      type,
      status,
      lastHeartbeatTime: facts.now,
      lastTransitionTime: old?.status === status && old.lastTransitionTime ? old.lastTransitionTime : facts.now,
      reason,
      message,
    };
  });
}
