import type { NodeConfig } from '../bootstrap/node-config.ts';
import type { Container, Pod } from '../kube/objects.ts';
import type { ImageDefinition } from '../node/runtime/images/image-definition.ts';
import { pause } from '../node/runtime/programs/pause.ts';

interface Component {
  name: string;
  image: string;
  cpu: string;
  memory?: string;
  port?: number;
}

/** What kops runs etcd with; its version is kops' choice, not Kubernetes'. */
const etcdManagerImage = 'registry.k8s.io/etcd-manager/etcd-manager-slim:v3.0.20241009';

/** As kops runs them on a control plane instance, with kops' resource requests. */
function controlPlaneComponents({ kubernetesVersion, controlPlane }: NodeConfig): Component[] {
  const image = (name: string) => `registry.k8s.io/${name}:${kubernetesVersion}`;
  const component = (name: string, cpu: string, port?: number): Component => ({ name, image: image(name), cpu, ...(port === undefined ? {} : { port }) });
  return [
    { name: 'etcd-manager-main', image: etcdManagerImage, cpu: '200m', memory: '100Mi', port: 4001 },
    { name: 'etcd-manager-events', image: etcdManagerImage, cpu: '100m', memory: '100Mi', port: 4002 },
    component('kube-apiserver', '150m', 443),
    component('kube-controller-manager', '100m', 10257),
    component('kube-scheduler', '100m', 10259),
    ...(controlPlane?.cloudControllers ? [component('cloud-controller-manager', '50m')] : []),
  ];
}

/** The node's own components as its pods. They run in the node's process; these pods show them and hold their resources. */
export function staticPods(config: NodeConfig): Pod[] {
  const proxy: Component = { name: 'kube-proxy', image: `registry.k8s.io/kube-proxy:${config.kubernetesVersion}`, cpu: '100m' };
  const nodePods = [staticPod(proxy, { tier: 'node', priorityClassName: 'system-node-critical', priority: 2_000_001_000 })];
  if (!config.controlPlane) return nodePods;
  const onControlPlane = { tier: 'control-plane', priorityClassName: 'system-cluster-critical', priority: 2_000_000_000 };
  return [...controlPlaneComponents(config).map((component) => staticPod(component, onControlPlane)), ...nodePods];
}

interface Rank {
  tier: string;
  priorityClassName: string;
  priority: number;
}

function staticPod({ name, image, cpu, memory, port }: Component, { tier, priorityClassName, priority }: Rank): Pod {
  const container: Container = {
    name: name.startsWith('etcd-manager') ? 'etcd-manager' : name,
    image,
    resources: { requests: { cpu, ...(memory === undefined ? {} : { memory }) } },
    ...(port === undefined ? {} : { ports: [{ name: 'https', containerPort: port, protocol: 'TCP' as const }] }),
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'kube-system', labels: { 'k8s-app': name, tier } },
    spec: { hostNetwork: true, priorityClassName, priority, tolerations: [{ operator: 'Exists' }], containers: [container] },
  };
}

const names = ['etcd-manager/etcd-manager-slim', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'cloud-controller-manager', 'kube-proxy'];

/** What the images of the components hold here: a process that stays until it is told to stop. */
export const componentImages: readonly ImageDefinition[] = names.map((name) => ({
  names: [`registry.k8s.io/${name}`],
  entrypoint: [`/${name}`],
  tools: 'none',
  programs: { [`/${name}`]: pause },
}));
