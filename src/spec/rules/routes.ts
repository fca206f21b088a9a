import type { Findings } from '../findings.ts';
import type { SubnetSpec } from '../types.ts';
import { cidrOrFinding } from './network.ts';

const egressForms = /^(nat-|eipalloc-|i-|tgw-).+|^External$/;
const targetForms = /^(pcx-|i-|nat-|tgw-|igw-|eigw-).+/;

/** How a subnet's machines reach the outside, and further routes. */
export function checkRoutes(subnet: SubnetSpec, path: string, findings: Findings): void {
  const { egress, type } = subnet;
  if (egress !== undefined && egress !== '') {
    if (!egressForms.test(egress)) findings.error(`${path}.egress`, `${JSON.stringify(egress)} is not a way out`, 'it begins with nat-, eipalloc-, i- or tgw-, or is External');
    else if (egress !== 'External' && !['Private', 'DualStack'].includes(type) && !(type === 'Public' && subnet.ipv6CIDR !== undefined))
      findings.error(`${path}.egress`, `a ${type} subnet has no egress of its own`, 'only Private and DualStack subnets have');
  }
  const routes = (subnet.additionalRoutes as { cidr?: string; target?: string }[] | undefined) ?? [];
  if (routes.length > 0 && type !== 'Private') findings.error(`${path}.additionalRoutes`, `only Private subnets have further routes, not ${type} ones`);
  if (routes.length > 0 && subnet.id !== undefined) findings.error(`${path}.additionalRoutes`, 'an existing subnet has the routes of its owner');
  const seen = new Set<string>();
  for (const [i, { cidr = '', target = '' }] of routes.entries()) {
    cidrOrFinding(cidr, `${path}.additionalRoutes[${i}].cidr`, findings);
    if (!targetForms.test(target))
      findings.error(`${path}.additionalRoutes[${i}].target`, `${JSON.stringify(target)} is not a target`, 'it begins with pcx-, i-, nat-, tgw-, igw- or eigw-');
    if (seen.has(cidr)) findings.error(`${path}.additionalRoutes[${i}].cidr`, `${cidr} has two routes`);
    seen.add(cidr);
  }
}
