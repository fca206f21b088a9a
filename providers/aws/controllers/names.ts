import { createHash } from 'node:crypto';
import { objectKey, type Service } from '../../../src/kube/objects.ts';
import type { Tags } from '../attributes.ts';
import { clusterTag, ownershipTag } from '../model/tags.ts';

export const serviceTag = 'kubernetes.io/service-name';

/** As Kubernetes names them on every cloud: `a` and the Service's uid without dashes. */
export function balancerName({ metadata }: Service): string {
  return `a${(metadata.uid ?? '').replaceAll('-', '')}`.slice(0, 32);
}

export function frontGroupName(service: Service): string {
  return `k8s-elb-${balancerName(service)}`;
}

/** All target groups of a Service begin with this; nothing else does. */
export function targetGroupPrefix(clusterName: string, service: Service): string {
  const readable = service.metadata.name.slice(0, 8).replace(/-+$/, '').replaceAll('--', '-');
  return `k8s-${readable}-${digest(`${clusterName} ${service.metadata.uid}`)}-`;
}

/** What a target group cannot change is part of its name: another port is another group. */
export function targetGroupName(clusterName: string, service: Service, port: number, protocol: string): string {
  return targetGroupPrefix(clusterName, service) + digest(`${protocol} ${port}`);
}

/** Whose a resource is: of this cluster, of this Service. */
export function ownerTags(clusterName: string, service: Service): Record<string, string> {
  return { [ownershipTag(clusterName)]: 'owned', [clusterTag]: clusterName, [serviceTag]: objectKey(service) };
}

export function isOwned(clusterName: string, service: Service, tags: Tags = {}): boolean {
  return tags[ownershipTag(clusterName)] === 'owned' && tags[serviceTag] === objectKey(service);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
