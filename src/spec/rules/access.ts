import { cidrContainsIp, parseCidr, parseIp } from '../../lib/cidr.ts';
import type { Findings } from '../findings.ts';
import { hintFor } from '../schema.ts';
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
  if (loadBalancer.class !== 'Network')
    findings.error(
      'spec.api.loadBalancer.class',
      `must be Network, not ${loadBalancer.class}`,
      'Classic is not supported any more: set class to Network; the address of the API changes',
    );
  if (!['Public', 'Internal'].includes(String(loadBalancer.type))) findings.error('spec.api.loadBalancer.type', `must be Public or Internal, not ${loadBalancer.type}`);
  const hasPrivate = (spec.subnets ?? []).some((subnet) => subnet.type === 'Private' || subnet.type === 'DualStack');
  if (loadBalancer.type === 'Internal' && !hasPrivate) findings.error('spec.api.loadBalancer.type', 'Internal needs at least one private subnet');
  checkLoadBalancer(cluster, loadBalancer, findings);
}

function checkLoadBalancer({ spec }: Cluster, loadBalancer: Record<string, unknown>, findings: Findings): void {
  const path = 'spec.api.loadBalancer';
  const internal = loadBalancer.type === 'Internal';
  if (internal && loadBalancer.useForInternalApi === true)
    findings.error(`${path}.useForInternalApi`, 'an internal network load balancer cannot be reached by the machines behind it', 'leave useForInternalApi out');
  if (loadBalancer.sslPolicy !== undefined && loadBalancer.sslCertificate === undefined) findings.error(`${path}.sslPolicy`, 'needs an sslCertificate');
  const groups = [
    ...((loadBalancer.additionalSecurityGroups as string[] | undefined) ?? []),
    ...(loadBalancer.securityGroupOverride === undefined ? [] : [String(loadBalancer.securityGroupOverride)]),
  ];
  for (const id of groups) if (!id.startsWith('sg-')) findings.error(path, `${JSON.stringify(id)} is not the id of a security group`, 'it begins with sg-');
  checkBalancerSubnets(spec, loadBalancer, findings);
}

function checkBalancerSubnets(spec: Cluster['spec'], loadBalancer: Record<string, unknown>, findings: Findings): void {
  const path = 'spec.api.loadBalancer';
  const internal = loadBalancer.type === 'Internal';
  const subnets = (loadBalancer.subnets as { name?: string; privateIPv4Address?: string; allocationId?: string }[] | undefined) ?? [];
  for (const [i, { name = '', privateIPv4Address: address, allocationId }] of subnets.entries()) {
    const known = (spec.subnets ?? []).find((subnet) => subnet.name === name);
    if (!known)
      findings.error(
        `${path}.subnets[${i}].name`,
        `the cluster has no subnet ${JSON.stringify(name)}`,
        hintFor(
          name,
          (spec.subnets ?? []).map((subnet) => subnet.name),
        ),
      );
    if (address !== undefined && !internal) findings.error(`${path}.subnets[${i}].privateIPv4Address`, 'is for internal load balancers only');
    if (allocationId !== undefined && internal) findings.error(`${path}.subnets[${i}].allocationId`, 'is for public load balancers only');
    const ip = parseIp(address ?? '');
    const cidr = parseCidr(known?.cidr ?? '');
    if (address !== undefined && (ip === undefined || (cidr && !cidrContainsIp(cidr, ip))))
      findings.error(`${path}.subnets[${i}].privateIPv4Address`, `${address} is not an address of subnet ${name}`);
  }
}
