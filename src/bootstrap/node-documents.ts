import type { InterruptionSettings } from '../cloud/controllers.ts';
import type { NodeDocument } from '../cloud/provider.ts';
import { formatYaml } from '../lib/yaml.ts';
import { etcdKeysetNames, keysetNames } from '../pki/keyset.ts';
import type { Cluster, CompletedCluster, InstanceGroup } from '../spec/types.ts';
import { etcdConfig } from './etcd-config.ts';
import { type BootConfig, hashNodeConfig, type NodeConfig, type NodeRole } from './node-config.ts';
import { formatUserData } from './user-data.ts';

export const apiServerPort = 443;
/** kops-controller's port in kops: where workers ask to join. */
export const joinPort = 3988;

export interface NodeDocumentsInput {
  completed: CompletedCluster;
  provider: string;
  /** Text of each key set by name, as the state store has it. */
  keysets: Readonly<Record<string, string>>;
  /** PEM of the cluster's CA certificates. */
  certificateAuthority: string;
  store: 'memory' | 'wal' | 'etcd';
  storeMembers: number;
  /** Where releases of etcd are, when not at its own site. */
  etcdMirror?: string;
  /** Names that the cloud gives to workers of this cluster, where it has such. */
  workerIdentities?: readonly string[];
  interruptions?: InterruptionSettings;
  /** Where instances find the documents, when the cloud does not know it by itself. */
  configBase?: string;
}

/** Everything instances read at boot, and the user data that points to it. Pure. */
export function nodeDocuments(input: NodeDocumentsInput): { documents: NodeDocument[]; userData: Record<string, string> } {
  const documents: NodeDocument[] = [];
  const userData: Record<string, string> = {};
  for (const group of input.completed.instanceGroups) {
    if (group.spec.role === 'Bastion') continue;
    const config = nodeConfig(input, group);
    const path = documentPath(config.role, config.instanceGroup);
    // The control plane hands a worker its document when it has proved who it is, so it may read them all.
    const roles = config.role === 'Node' ? ['ControlPlane', 'Node'] : ['ControlPlane'];
    documents.push({ path, content: formatYaml(config, { sortKeys: true }), roles, secret: false, instanceGroup: config.instanceGroup });
    userData[group.metadata.name] = formatUserData(bootConfig(input, config, path));
  }
  for (const name of controlPlaneKeysets(input.store)) {
    documents.push({ path: keysetPath(name), content: input.keysets[name] ?? '', roles: ['ControlPlane'], secret: true });
  }
  return { documents, userData };
}

/** What a control plane signs with. */
function controlPlaneKeysets(store: NodeDocumentsInput['store']): string[] {
  return [...Object.values(keysetNames), ...(store === 'etcd' ? Object.values(etcdKeysetNames) : [])];
}

/** kops' layout: `igconfig/node/nodes-1a/nodeupconfig.yaml`. */
export function documentPath(role: NodeRole, instanceGroup: string): string {
  return `igconfig/${role === 'Node' ? 'node' : 'control-plane'}/${instanceGroup}/nodeupconfig.yaml`;
}

export function keysetPath(name: string): string {
  return `pki/private/${name}/keyset.yaml`;
}

function bootConfig(input: NodeDocumentsInput, config: NodeConfig, path: string): BootConfig {
  return {
    clusterName: config.clusterName,
    instanceGroup: config.instanceGroup,
    role: config.role,
    provider: input.provider,
    nodeupConfigHash: hashNodeConfig(config),
    ...(input.configBase === undefined ? {} : { configBase: input.configBase }),
    documentPath: path,
    apiServer: { host: internalApiName(config.clusterName), port: apiServerPort, joinPort },
    certificateAuthority: input.certificateAuthority,
  };
}

export function internalApiName(clusterName: string): string {
  return `api.internal.${clusterName}`;
}

function nodeConfig(input: NodeDocumentsInput, group: InstanceGroup): NodeConfig {
  const { cluster } = input.completed;
  const role: NodeRole = group.spec.role === 'Node' ? 'Node' : 'ControlPlane';
  const config: NodeConfig = {
    clusterName: cluster.metadata.name,
    instanceGroup: group.metadata.name,
    role,
    kubernetesVersion: `v${(cluster.spec.kubernetesVersion ?? '').replace(/^v/, '')}`,
    networking: networking(cluster),
    kubelet: { labels: nodeLabels(group, role), taints: nodeTaints(group, role), maxPods: maxPods(cluster, group) },
  };
  if (role === 'ControlPlane') {
    config.controlPlane = {
      store: input.store,
      ...(input.storeMembers > 1 ? { storeMembers: input.storeMembers } : {}),
      ...(input.store === 'etcd' ? { etcd: etcdConfig(cluster, input.etcdMirror) } : {}),
      certificateNames: [`api.${cluster.metadata.name}`, internalApiName(cluster.metadata.name), ...(cluster.spec.additionalSans ?? [])],
      serviceNodePortRange: textOf(cluster.spec.kubeAPIServer, 'serviceNodePortRange') ?? '30000-32767',
      authorization: cluster.spec.authorization?.alwaysAllow ? 'alwaysAllow' : 'rbac',
      keysets: controlPlaneKeysets(input.store),
      cloudControllers: true,
      ...(input.workerIdentities ? { workerIdentities: [...input.workerIdentities] } : {}),
      ...(input.interruptions ? { interruptions: input.interruptions } : {}),
    };
  }
  return config;
}

function networking(cluster: Cluster): NodeConfig['networking'] {
  const { networkCIDR = '', podCIDR = '', serviceClusterIPRange = '', clusterDNSDomain = 'cluster.local', kubeDNS } = cluster.spec;
  // A /24 a node, as Kubernetes' own default; a smaller pod network is cut finer so that at least 16 nodes fit.
  const nodePodCIDRPrefix = Math.max(24, Math.min(28, Number(podCIDR.split('/')[1] ?? 16) + 4));
  return { networkCIDR, podCIDR, serviceClusterIPRange, clusterDNS: kubeDNS?.serverIP ?? '', clusterDomain: clusterDNSDomain, nodePodCIDRPrefix };
}

/** What kops' nodes carry: the group's labels, its name and its role. */
function nodeLabels(group: InstanceGroup, role: NodeRole): Record<string, string> {
  const roles: Record<string, string> =
    role === 'ControlPlane'
      ? { 'node-role.kubernetes.io/control-plane': '', 'node.kubernetes.io/exclude-from-external-load-balancers': '', 'kops.k8s.io/kops-controller-pki': '' }
      : { 'node-role.kubernetes.io/node': '' };
  return { ...group.spec.nodeLabels, 'kops.k8s.io/instancegroup': group.metadata.name, ...roles };
}

function nodeTaints(group: InstanceGroup, role: NodeRole): string[] {
  const own = group.spec.taints ?? [];
  const reserved = 'node-role.kubernetes.io/control-plane=:NoSchedule';
  return role === 'ControlPlane' && !own.some((taint) => taint.startsWith('node-role.kubernetes.io/control-plane')) ? [...own, reserved] : own;
}

function maxPods(cluster: Cluster, group: InstanceGroup): number {
  const value = group.spec.kubelet?.maxPods ?? cluster.spec.kubelet?.maxPods;
  return typeof value === 'number' ? value : 110;
}

function textOf(value: unknown, field: string): string | undefined {
  const found = (value as Record<string, unknown> | undefined)?.[field];
  return typeof found === 'string' ? found : undefined;
}
