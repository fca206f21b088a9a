import type { Filter } from '@aws-sdk/client-ec2';
import type { ActualResource } from '../../../src/cloud/resource.ts';
import type { AwsKindName, Tags } from '../attributes.ts';
import { clusterTag, ownershipTag } from '../model/tags.ts';
import type { WantedResource } from './aws-kind.ts';

export const instanceGroupTag = 'kops.k8s.io/instancegroup';

/** What is the cluster's own, whoever made it; what it only shares has the value `shared`. */
export function ownedTag(cluster: string): { Key: string; Value: string } {
  return { Key: ownershipTag(cluster), Value: 'owned' };
}

export function ownedFilter(cluster: string): Filter[] {
  const { Key, Value } = ownedTag(cluster);
  return [{ Name: `tag:${Key}`, Values: [Value] }];
}

/** Tags of things without tags in the model: so that they are found again. */
export function ownerTags(cluster: string, name: string): Tags {
  return { [clusterTag]: cluster, Name: name, [ownershipTag(cluster)]: 'owned' };
}

/** What the cluster's own controllers and drivers put on what they make. */
const controllerTags = ['kubernetes.io/service-name', 'kubernetes.io/created-for/pvc/name', 'ebs.csi.aws.com/cluster', 'CSIVolumeName', 'elbv2.k8s.aws/cluster'];

export function managerOf(tags: Tags): 'kops' | 'kubernetes' {
  return controllerTags.some((key) => key in tags) ? 'kubernetes' : 'kops';
}

interface Found {
  kind: string;
  id: string;
  /** The tag `Name` when absent. */
  name?: string;
  attributes: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  manager?: 'kops' | 'kubernetes';
}

/** What a list found, as the plan wants it. Attributes without a value are left out. */
export function found({ kind, id, name, attributes, outputs, manager }: Found): ActualResource {
  const tags = (attributes.tags ?? {}) as Tags;
  return {
    kind,
    id,
    name: name ?? tags.Name ?? id,
    attributes: Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined)),
    outputs: { id, ...outputs },
    owned: true,
    manager: manager ?? managerOf(tags),
  };
}

/** Whose it is in a plan that is about some instance groups only. */
export function withInstanceGroup(resource: ActualResource, tags: Tags = (resource.attributes.tags ?? {}) as Tags): ActualResource {
  const instanceGroup = tags[instanceGroupTag];
  return instanceGroup === undefined ? resource : { ...resource, instanceGroup };
}

/** What was just created or changed to be as wanted. */
export function asWanted<Kind extends AwsKindName>({ kind, name, attributes }: WantedResource<Kind>, id: string, outputs: Record<string, unknown> = {}): ActualResource {
  return { kind, name, id, attributes: attributes as Record<string, unknown>, outputs: { id, ...outputs }, owned: true, manager: 'kops' };
}

/** Those among `all` whose attributes speak of this id: they must go first. */
export function mentioning(id: string, all: readonly ActualResource[], kinds?: readonly string[]): ActualResource[] {
  return all.filter((other) => other.id !== id && (kinds === undefined || kinds.includes(other.kind)) && speaksOf(other.attributes, id));
}

function speaksOf(value: unknown, id: string): boolean {
  if (value === id) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some((part) => speaksOf(part, id));
}
