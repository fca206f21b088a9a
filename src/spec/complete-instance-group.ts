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
  draft.fill('spec.subnets', defaultSubnets(cluster));
  draft.fill(['spec', 'nodeLabels', 'kops.k8s.io/instancegroup'], group.metadata.name);
  draft.fill('spec.associatePublicIp', spec.subnets?.some((name) => cluster.spec.subnets?.some((subnet) => subnet.name === name && subnet.type === 'Public')) ?? false);
  const { masterKubelet } = cluster.spec;
  const inherited = { ...cluster.spec.kubelet, ...(spec.role === 'Master' ? (masterKubelet as Record<string, unknown> | undefined) : {}) };
  for (const [name, value] of Object.entries(inherited)) draft.fill(['spec', 'kubelet', name], value);
  return draft;
}

/** Karpenter chooses how many machines of which types there are. */
export function isKarpenterGroup({ spec }: InstanceGroup): boolean {
  return spec.manager === 'Karpenter';
}

function fillMachines(draft: Draft<InstanceGroup>, context: CompletionContext): void {
  const { spec } = draft.object;
  const size = spec.role === 'Node' ? 2 : 1;
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

function defaultSubnets(cluster: Cluster): string[] {
  return (cluster.spec.subnets ?? []).filter((subnet) => subnet.type === 'Public' || subnet.type === 'Private').map((subnet) => subnet.name);
}
