import type { CompletionContext } from './complete.ts';
import { Draft } from './draft.ts';
import { architectureOf } from './provider-view.ts';
import type { Cluster, InstanceGroup, InstanceGroupRole } from './types.ts';

const rootVolumeSizes: Record<InstanceGroupRole, number> = { Master: 64, APIServer: 128, Node: 128, Bastion: 32 };

/** One group with everything filled in. `cluster` is completed already. */
export function completeInstanceGroup(cluster: Cluster, group: InstanceGroup, context: CompletionContext): Draft<InstanceGroup> {
  const draft = new Draft(group);
  draft.fillAll(context.providerSpec.instanceGroupDefaults(cluster, group, context.facts), 'provider');
  const { catalog } = context;
  const { spec } = draft.object;
  if (!isKarpenterGroup(group)) fillMachines(draft, context);
  draft.fill('spec.image', catalog.defaults.image(architectureOf(catalog, firstMachineType(spec.machineType)) ?? 'amd64'), 'provider');
  fillRootVolume(draft);
  draft.fill('spec.subnets', defaultSubnets(cluster, spec.role));
  draft.fill(['spec', 'nodeLabels', 'kops.k8s.io/instancegroup'], group.metadata.name);
  draft.fill('spec.associatePublicIp', spec.subnets?.some((name) => cluster.spec.subnets?.some((subnet) => subnet.name === name && subnet.type === 'Public')) ?? false);
  fillKubelet(cluster, draft);
  return draft;
}

/** The cluster's settings for this role where the group has none of its own; labels of both. */
function fillKubelet({ spec: { kubelet = {}, masterKubelet } }: Cluster, draft: Draft<InstanceGroup>): void {
  const forMasters = (masterKubelet ?? {}) as Record<string, unknown>;
  const isMaster = draft.object.spec.role === 'Master';
  const { nodeLabels: _perRole, ...inherited } = isMaster ? { ...kubelet, ...forMasters } : kubelet;
  for (const [name, value] of Object.entries(inherited)) draft.fill(['spec', 'kubelet', name], value);
  for (const [label, value] of Object.entries((isMaster ? forMasters : kubelet).nodeLabels ?? {})) draft.fill(['spec', 'kubelet', 'nodeLabels', label], value);
}

/** Karpenter chooses how many machines of which types there are. */
export function isKarpenterGroup({ spec }: InstanceGroup): boolean {
  return spec.manager === 'Karpenter';
}

function fillMachines(draft: Draft<InstanceGroup>, context: CompletionContext): void {
  const { spec } = draft.object;
  const size = spec.role === 'Node' || spec.role === 'APIServer' ? 2 : 1;
  draft.fill('spec.minSize', Math.min(size, spec.maxSize ?? size));
  draft.fill('spec.maxSize', Math.max(size, spec.minSize ?? size));
  draft.fill('spec.machineType', defaultMachineType(spec.role, context), 'provider');
}

/** A list of types (`m5.large,m5a.large`) is led by the primary one. */
function firstMachineType(machineType: string | undefined): string {
  return machineType?.split(',')[0] ?? '';
}

function defaultMachineType(role: InstanceGroupRole, context: CompletionContext): string {
  const { defaults } = context.catalog;
  if (role === 'Node') return defaults.nodeMachineType;
  return role === 'Bastion' ? defaults.bastionMachineType : defaults.controlPlaneMachineType;
}

function fillRootVolume(draft: Draft<InstanceGroup>): void {
  const { spec } = draft.object;
  draft.fill('spec.rootVolumeSize', rootVolumeSizes[spec.role]);
  draft.fill('spec.rootVolumeType', 'gp3');
  if (spec.rootVolumeType === 'gp3') {
    draft.fill('spec.rootVolumeIops', 3000);
    draft.fill('spec.rootVolumeThroughput', 125);
  }
  draft.fill('spec.rootVolumeEncryption', true);
}

/** Not those of load balancers and bastions. Workers are in subnets of two IP families only where there are no others, API servers of an IPv6 cluster just there. */
function defaultSubnets({ spec }: Cluster, role: InstanceGroupRole): string[] {
  const subnets = (spec.subnets ?? []).filter(({ type }) => type !== 'Utility');
  const dualStack = role === 'APIServer' && spec.nonMasqueradeCIDR === '::/0';
  const preferred = subnets.filter(({ type }) => type !== (dualStack ? 'Private' : 'DualStack'));
  return (preferred.length > 0 ? preferred : subnets).map(({ name }) => name);
}
