import type { CloudGroup, CloudInstance } from '../cloud/provider.ts';
import type { NodeObject, Pod } from '../kube/objects.ts';
import type { InstanceGroup } from '../spec/types.ts';

/** kops' result of `validate cluster`, field for field. */
export interface ClusterHealth {
  failures: HealthFailure[];
  nodes: HealthNode[];
}

export interface HealthFailure {
  kind: 'InstanceGroup' | 'Machine' | 'Node' | 'Pod' | 'apiserver';
  name: string;
  message: string;
  instanceGroup?: string;
}

export interface HealthNode {
  name: string;
  zone: string;
  role: string;
  hostname: string;
  status: string;
}

export interface Observed {
  groups: readonly CloudGroup[];
  nodes: readonly NodeObject[];
  pods: readonly Pod[];
}

const controlPlaneApps = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
const criticalPriorities = new Set(['system-cluster-critical', 'system-node-critical']);
const absent: readonly string[] = ['terminating', 'terminated', 'stopping', 'stopped'];

/** Compares what should run with what does. Pure. */
export function judgeHealth(instanceGroups: readonly InstanceGroup[], observed: Observed): ClusterHealth {
  const health: ClusterHealth = { failures: [], nodes: [] };
  const groupOfNode = new Map<string, string>();
  for (const group of instanceGroups) {
    const cloudGroups = observed.groups.filter((cloud) => cloud.instanceGroup === group.metadata.name);
    if (cloudGroups.length === 0) {
      health.failures.push({
        kind: 'InstanceGroup',
        name: group.metadata.name,
        message: `InstanceGroup "${group.metadata.name}" is missing from the cloud provider`,
        instanceGroup: group.metadata.name,
      });
    }
    for (const cloud of cloudGroups) judgeGroup(group, cloud, observed, health, groupOfNode);
  }
  judgeControlPlanePods(health, observed.pods, groupOfNode);
  judgeCriticalPods(health, observed.pods, groupOfNode);
  return health;
}

export function roleName(group: InstanceGroup): string {
  return group.spec.role === 'Master' ? 'control-plane' : group.spec.role.toLowerCase();
}

function judgeGroup(group: InstanceGroup, cloud: CloudGroup, observed: Observed, health: ClusterHealth, groupOfNode: Map<string, string>): void {
  const { name } = group.metadata;
  const members = cloud.instances.filter((instance) => !absent.includes(instance.state));
  const count = members.filter((instance) => !instance.detached).length;
  if (count < cloud.target) {
    const why = cloud.problem === undefined ? '' : `: ${cloud.problem}`;
    health.failures.push({ kind: 'InstanceGroup', name, message: `InstanceGroup "${name}" did not have enough nodes ${count} vs ${cloud.target}${why}`, instanceGroup: name });
  }
  for (const instance of members) {
    const node = nodeOf(instance, observed.nodes);
    if (node) judgeNode(node, group, health, groupOfNode);
    else if (!instance.detached && group.spec.role !== 'Bastion') {
      health.failures.push({ kind: 'Machine', name: instance.id, message: `machine "${instance.id}" has not yet joined cluster`, instanceGroup: name });
    }
  }
}

export function nodeOf(instance: CloudInstance, nodes: readonly NodeObject[]): NodeObject | undefined {
  return nodes.find((node) => node.spec?.providerID?.endsWith(`/${instance.id}`)) ?? nodes.find((node) => node.metadata.name === instance.nodeName && !node.spec?.providerID);
}

function judgeNode(node: NodeObject, group: InstanceGroup, health: ClusterHealth, groupOfNode: Map<string, string>): void {
  const { name, labels = {} } = node.metadata;
  const role = roleName(group);
  const status = node.status?.conditions?.find((condition) => condition.type === 'Ready')?.status ?? 'Unknown';
  groupOfNode.set(name, group.metadata.name);
  health.nodes.push({ name, zone: labels['topology.kubernetes.io/zone'] ?? '', role, hostname: labels['kubernetes.io/hostname'] ?? name, status });
  if (status !== 'True') health.failures.push({ kind: 'Node', name, message: `node "${name}" of role "${role}" is not ready`, instanceGroup: group.metadata.name });
}

function judgeControlPlanePods(health: ClusterHealth, pods: readonly Pod[], groupOfNode: ReadonlyMap<string, string>): void {
  const system = pods.filter((pod) => pod.metadata.namespace === 'kube-system');
  for (const { name, role } of health.nodes) {
    if (role !== 'control-plane') continue;
    for (const app of controlPlaneApps) {
      const found = system.some((pod) => pod.spec.nodeName === name && (pod.metadata.labels?.['k8s-app'] === app || pod.metadata.name === `${app}-${name}`));
      if (!found) health.failures.push({ kind: 'Node', name, message: `control-plane node "${name}" is missing ${app} pod`, ...groupField(groupOfNode.get(name)) });
    }
  }
}

function judgeCriticalPods(health: ClusterHealth, pods: readonly Pod[], groupOfNode: ReadonlyMap<string, string>): void {
  for (const pod of pods) {
    const priority = pod.spec.priorityClassName ?? '';
    const phase = pod.status?.phase;
    if (!criticalPriorities.has(priority) || phase === 'Succeeded') continue;
    const problem = podProblem(pod);
    if (problem === undefined) continue;
    const name = `${pod.metadata.namespace}/${pod.metadata.name}`;
    health.failures.push({ kind: 'Pod', name, message: `${priority} pod "${pod.metadata.name}" is ${problem}`, ...groupField(groupOfNode.get(pod.spec.nodeName ?? '')) });
  }
}

function podProblem(pod: Pod): string | undefined {
  const phase = pod.status?.phase;
  if (phase === 'Pending' || phase === undefined) return 'pending';
  if (phase === 'Unknown') return 'unknown phase';
  const notReady = (pod.status?.containerStatuses ?? []).filter((container) => !container.ready).map((container) => container.name);
  return notReady.length === 0 ? undefined : `not ready (${notReady.join(',')})`;
}

function groupField(instanceGroup: string | undefined): { instanceGroup?: string } {
  return instanceGroup === undefined ? {} : { instanceGroup };
}
