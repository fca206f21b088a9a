import type { TerraformForm } from '../../../src/cloud/provider.ts';
import type { AwsKindName } from '../attributes.ts';
import { dnsForms } from './dns.ts';
import { documentForms } from './documents.ts';
import { firewallForms } from './firewall.ts';
import { groupForms } from './groups.ts';
import { iamForms } from './iam.ts';
import { instanceForms } from './instances.ts';
import { loadBalancerForms } from './load-balancers.ts';
import { networkForms } from './network.ts';
import { routeForms } from './routes.ts';

/** How each kind reads as Terraform. */
export const terraformForms: Record<AwsKindName, TerraformForm> = {
  ...networkForms,
  ...routeForms,
  ...firewallForms,
  ...loadBalancerForms,
  ...dnsForms,
  ...documentForms,
  ...iamForms,
  ...instanceForms,
  ...groupForms,
};
