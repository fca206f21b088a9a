import { Flags } from '@oclif/core';
import type { Operator } from '../operations/operator.ts';
import type { PriceOptions } from '../operations/price-plan.ts';
import { usage } from './base-command.ts';

export const defaultTerraformFolder = 'out/terraform';

export const terraformFlags = {
  target: Flags.string({
    summary: 'direct: the cloud itself. terraform: a Terraform configuration, without touching the cloud.',
    options: ['direct', 'terraform'],
    default: 'direct',
  }),
  out: Flags.string({ summary: `Folder for --target terraform. ${defaultTerraformFolder} when absent.`, helpValue: 'FOLDER' }),
};

/** The folder to write to, undefined for the cloud itself. Throws a usage error for flags that mean nothing then. */
export function terraformFolder({ target, out }: { target: string; out: string | undefined }, given: readonly string[], meaningless: readonly string[]): string | undefined {
  if (target !== 'terraform') {
    if (out === undefined) return undefined;
    throw usage('--out is for --target terraform', ['Add --target terraform, or leave --out out.']);
  }
  const odd = given.find((flag) => meaningless.includes(flag));
  if (odd !== undefined)
    throw usage(`--${odd} has no meaning with --target terraform`, [`Leave --${odd} out: the configuration is the whole cluster, and Terraform plans and applies.`]);
  return out ?? defaultTerraformFolder;
}

/** Names of the flags on the command line. */
export function givenFlags(raw: readonly { type: string; flag?: string }[]): string[] {
  return raw.flatMap((token) => (token.type === 'flag' && token.flag !== undefined ? [token.flag] : []));
}

/** Writes the configuration and returns what to do with it. */
export async function writeTerraform(operator: Operator, name: string, folder: string, prices: PriceOptions = {}): Promise<string> {
  const { exportTerraform } = await import('../operations/export-terraform.ts');
  const { first } = await exportTerraform(operator, name, folder, prices);
  const steps = ['', 'Apply it with:', `   cd ${folder}`, '   terraform init', '   terraform plan', '   terraform apply'];
  return `${[`Terraform output has been placed into ${folder}`, ...(first ? steps : [])].join('\n')}\n`;
}
