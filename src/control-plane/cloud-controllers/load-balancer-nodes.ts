import type { Informer } from '../../kube/informer.ts';
import type { NodeObject } from '../../kube/objects.ts';

export const excludeLabel = 'node.kubernetes.io/exclude-from-external-load-balancers';
const controlPlaneLabel = 'node-role.kubernetes.io/control-plane';

/** Nodes that load balancers send traffic to, by name; and a text that changes when that set does. */
export function loadBalancerNodes(nodes: Informer<NodeObject>): { nodes: NodeObject[]; fingerprint: string } {
  const chosen = nodes
    .list()
    .filter(isEligible)
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const fingerprint = chosen
    .map(({ metadata, spec, status }) => `${metadata.name}=${spec.providerID}=${(status?.addresses ?? []).map(({ address }) => address).join('+')}`)
    .join(',');
  return { nodes: chosen, fingerprint };
}

function isEligible({ metadata, spec }: NodeObject): boolean {
  const labels = metadata.labels ?? {};
  const leaving = metadata.deletionTimestamp !== undefined || spec.taints?.some(({ key }) => key === 'ToBeDeletedByClusterAutoscaler');
  return !leaving && spec.providerID !== undefined && !(excludeLabel in labels) && !(controlPlaneLabel in labels);
}
