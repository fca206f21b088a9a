import type { Provider, TerraformTarget } from '../cloud/provider.ts';
import { KopsError } from '../lib/errors.ts';

/** Throws NO_TERRAFORM for a cloud that Terraform does not know. */
export function requireTerraform({ name, terraform }: Provider, clusterName: string): TerraformTarget {
  if (terraform) return terraform;
  throw new KopsError(`Terraform does not know the cloud ${name}`, {
    code: 'NO_TERRAFORM',
    exit: 'usage',
    object: clusterName,
    suggestions: ['Leave --target terraform out: kops-ts applies the cluster itself.'],
  });
}
