import { type Cidr, cidrContains } from '../../lib/cidr.ts';
import type { Findings } from '../findings.ts';
import type { SubnetSpec } from '../types.ts';
import { cidrOrFinding } from './network.ts';

const egressForms = /^(nat-|eipalloc-|i-|tgw-).+|^External$/;
const targetForms = /^(pcx-|i-|nat-|tgw-|igw-|eigw-).+/;

/** How a subnet's machines reach the outside, and further routes. `networks`: the cluster's own. */
export function checkRoutes(subnet: SubnetSpec, path: string, networks: readonly Cidr[], findings: Findings): void {
  checkEgress(subnet, path, findings);
  const routes = (subnet.additionalRoutes as { cidr?: string; target?: string }[] | undefined) ?? [];
  if (routes.length > 0 && subnet.type !== 'Private') findings.error(`${path}.additionalRoutes`, `only Private subnets have further routes, not ${subnet.type} ones`);
  if (routes.length > 0 && subnet.id !== undefined) findings.error(`${path}.additionalRoutes`, 'an existing subnet has the routes of its owner');
  const seen = new Set<string>();
  for (const [i, { cidr = '', target = '' }] of routes.entries()) {
    const at = `${path}.additionalRoutes[${i}]`;
    const block = cidrOrFinding(cidr, `${at}.cidr`, findings);
    if (!targetForms.test(target)) findings.error(`${at}.target`, `${JSON.stringify(target)} is not a target`, 'it begins with pcx-, i-, nat-, tgw-, igw- or eigw-');
    else if (block && !target.startsWith('i-') && networks.some((network) => cidrContains(network, block)))
      findings.error(`${at}.target`, `${cidr} is inside the cluster's own network: its target must be a machine, not ${target}`, 'it begins with i-');
    if (seen.has(cidr)) findings.error(`${at}.cidr`, `${cidr} has two routes`);
    seen.add(cidr);
  }
}

function checkEgress({ egress, type, ipv6CIDR }: SubnetSpec, path: string, findings: Findings): void {
  if (egress === undefined || egress === '') return;
  if (!egressForms.test(egress)) findings.error(`${path}.egress`, `${JSON.stringify(egress)} is not a way out`, 'it begins with nat-, eipalloc-, i- or tgw-, or is External');
  else if (egress !== 'External' && !['Private', 'DualStack'].includes(type) && !(type === 'Public' && ipv6CIDR !== undefined))
    findings.error(`${path}.egress`, `a ${type} subnet has no egress of its own`, 'only Private and DualStack subnets have');
}
