import type { Tags } from '../attributes.ts';
import type { AwsContext } from './context.ts';

export const clusterTag = 'KubernetesCluster';

/** What a route table is for: `public`, `private-us-east-1a`. */
export const routeTableTag = 'kubernetes.io/kops/role';

/** Of a role: the service account that it is for. */
export const accountTags = { name: 'service-account.kops.k8s.io/name', namespace: 'service-account.kops.k8s.io/namespace' };

/** `kubernetes.io/cluster/NAME`, which says whose a resource is: `owned` or `shared`. */
export function ownershipTag(cluster: string): string {
  return `kubernetes.io/cluster/${cluster}`;
}

/** Of a resource that lives and dies with the cluster; the user's own labels count last. */
export function ownedTags({ name: cluster, spec }: AwsContext, name: string): Tags {
  return { Name: name, [clusterTag]: cluster, [ownershipTag(cluster)]: 'owned', ...spec.cloudLabels };
}
