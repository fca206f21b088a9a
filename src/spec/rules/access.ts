import type { Findings } from '../findings.ts';
import type { Cluster } from '../types.ts';
import { cidrOrFinding } from './network.ts';

/** Who may reach what, and the API's load balancer. */
export function checkAccess(cluster: Cluster, findings: Findings): void {
  const { spec } = cluster;
  for (const name of ['kubernetesApiAccess', 'sshAccess', 'nodePortAccess']) {
    const list = (spec[name] as string[] | undefined) ?? [];
    for (const [i, text] of list.entries()) if (!text.startsWith('pl-')) cidrOrFinding(text, `spec.${name}[${i}]`, findings);
  }
  const loadBalancer = spec.api?.loadBalancer;
  const noDns = spec.topology?.dns?.type === 'None';
  if (noDns && !loadBalancer) findings.error('spec.api.loadBalancer', 'a cluster without DNS needs a load balancer for its API');
  if (!loadBalancer) return;
  if (loadBalancer.class !== 'Network') findings.error('spec.api.loadBalancer.class', `must be Network, not ${loadBalancer.class}`);
  if (!['Public', 'Internal'].includes(String(loadBalancer.type))) findings.error('spec.api.loadBalancer.type', `must be Public or Internal, not ${loadBalancer.type}`);
  const hasPrivate = (spec.subnets ?? []).some((subnet) => subnet.type === 'Private' || subnet.type === 'DualStack');
  if (loadBalancer.type === 'Internal' && !hasPrivate) findings.error('spec.api.loadBalancer.type', 'Internal needs at least one private subnet');
}
