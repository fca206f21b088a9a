import { formatPath } from '../../../src/spec/path.ts';
import type { InstanceGroup, InstanceGroupRole } from '../../../src/spec/types.ts';
import type { Tags } from '../attributes.ts';
import { clusterSpec, usesTerminationQueue } from '../aws-spec.ts';
import type { AwsContext } from './context.ts';
import { instanceGroupName } from './names.ts';
import { ownedTags } from './tags.ts';

export const instanceGroupTag = 'kops.k8s.io/instancegroup';
export const templateTag = 'k8s.io/cluster-autoscaler/node-template';

const roleTags: Record<InstanceGroupRole, readonly string[]> = { Master: ['control-plane', 'master'], APIServer: ['apiserver'], Node: ['node'], Bastion: ['bastion'] };

const roleLabels: Record<InstanceGroupRole, readonly string[]> = {
  Master: ['kops.k8s.io/kops-controller-pki', 'node-role.kubernetes.io/control-plane', 'node.kubernetes.io/exclude-from-external-load-balancers'],
  APIServer: ['kops.k8s.io/kops-controller-pki', 'node-role.kubernetes.io/api-server'],
  Node: ['node-role.kubernetes.io/node'],
  Bastion: [],
};

/** Of a launch template, an Auto Scaling group, and all that comes from them. They tell what the nodes will be like before there is one. */
export function groupTags(context: AwsContext, group: InstanceGroup): Tags {
  const labels = Object.entries(expectedLabels(context, group)).map(([label, value]) => [`${templateTag}/label/${label}`, value]);
  return {
    ...ownedTags(context, instanceGroupName(group, context.name)),
    ...managedTag(context, group),
    ...group.spec.cloudLabels,
    ...Object.fromEntries(labels),
    ...Object.fromEntries((group.spec.taints ?? []).flatMap(taintTag)),
    ...roleTagsOf(group.spec.role),
    [instanceGroupTag]: group.metadata.name,
  };
}

export function roleTagsOf(role: InstanceGroupRole): Tags {
  return Object.fromEntries(roleTags[role].map((word) => [`k8s.io/role/${word}`, '1']));
}

/** The termination handler answers for instances that carry its tag. */
function managedTag(context: AwsContext, group: InstanceGroup): Tags {
  const spec = clusterSpec(context);
  const tag = spec.nodeTerminationHandler?.managedASGTag;
  if (!usesTerminationQueue(spec) || !tag) return {};
  return { [tag]: group.spec.cloudLabels?.[tag] ?? spec.cloudLabels?.[tag] ?? '' };
}

/** What the user and the role say. The group's own name, which completion adds to every node, is no template's business. */
function expectedLabels({ input }: AwsContext, group: InstanceGroup): Record<string, string> {
  const provenance = input.completed.provenance.instanceGroups[group.metadata.name] ?? {};
  const kubelet = group.spec.kubelet?.nodeLabels as Record<string, string> | undefined;
  const role = roleLabels[group.spec.role].map((label) => [label, ''] as const);
  const own = Object.entries(group.spec.nodeLabels ?? {}).filter(([label]) => provenance[formatPath(['spec', 'nodeLabels', label])] !== 'default');
  return { ...kubelet, ...Object.fromEntries([...role, ...own]) };
}

/** `dedicated=gpu:NoSchedule` → `dedicated`, `gpu:NoSchedule`; the value may be empty. Nothing for what is no taint. */
function taintTag(taint: string): [tag: string, value: string][] {
  const [, key, value = '', effect] = /^([^=:]+)(?:=([^=:]*))?:([^=:]+)$/.exec(taint) ?? [];
  return key === undefined ? [] : [[`${templateTag}/taint/${key}`, `${value}:${effect}`]];
}
