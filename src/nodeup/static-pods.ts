import type { NodeConfig } from '../bootstrap/node-config.ts';
import type { Container, Pod } from '../kube/objects.ts';
import type { ImageDefinition } from '../node/runtime/images/image-definition.ts';
import { pause } from '../node/runtime/programs/pause.ts';

interface Component {
  name: string;
  cpu: string;
  memory?: string;
  port?: number;
}

/** As kops runs them on a control plane instance, with kops' resource requests. */
function componentsOf(config: NodeConfig): Component[] {
  const cloud: Component[] = config.controlPlane?.cloudControllers ? [{ name: 'cloud-controller-manager', cpu: '50m' }] : [];
  return [
    { name: 'etcd-manager-main', cpu: '200m', memory: '100Mi', port: 4001 },
    { name: 'kube-apiserver', cpu: '150m', port: 443 },
    { name: 'kube-controller-manager', cpu: '100m', port: 10257 },
    { name: 'kube-scheduler', cpu: '100m', port: 10259 },
    ...cloud,
  ];
}

/** The control plane's own components as pods of its node. They run in the node's process; these pods show them and hold their resources. */
export function staticPods(config: NodeConfig): Pod[] {
  return componentsOf(config).map((component) => staticPod(component, config));
}

function staticPod({ name, cpu, memory, port }: Component, config: NodeConfig): Pod {
  const container: Container = {
    name: name.startsWith('etcd-manager') ? 'etcd-manager' : name,
    image: `registry.k8s.io/${name.startsWith('etcd-manager') ? 'etcd' : name}:${config.kubernetesVersion}`,
    resources: { requests: { cpu, ...(memory === undefined ? {} : { memory }) } },
    ...(port === undefined ? {} : { ports: [{ name: 'https', containerPort: port, protocol: 'TCP' as const }] }),
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'kube-system', labels: { 'k8s-app': name, tier: 'control-plane' } },
    spec: { hostNetwork: true, priorityClassName: 'system-cluster-critical', priority: 2_000_000_000, tolerations: [{ operator: 'Exists' }], containers: [container] },
  };
}

const names = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'cloud-controller-manager'];

/** What the images of the components hold here: a process that stays until it is told to stop. */
export const componentImages: readonly ImageDefinition[] = names.map((name) => ({
  names: [`registry.k8s.io/${name}`],
  entrypoint: [`/${name}`],
  tools: 'none',
  programs: { [`/${name}`]: pause },
}));
