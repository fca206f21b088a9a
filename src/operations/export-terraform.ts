import { renderTerraform, type TerraformInput } from '../plan/terraform/render-terraform.ts';
import { getPath } from '../spec/path.ts';
import { judgeSpecs } from './budget.ts';
import { clusterContext, withProvider } from './cluster-context.ts';
import { ensureKeysets } from './ensure-keysets.ts';
import type { Operator } from './operator.ts';
import { lookUpForModel, modelInput, storedForModel } from './plan-cluster.ts';
import { type PriceOptions, refreshIfAsked } from './price-plan.ts';
import { requireTerraform } from './require-terraform.ts';
import { readKeysets, readSpecs } from './stored-clusters.ts';
import { writeTerraformFolder } from './terraform-folder.ts';

export interface TerraformExport {
  folder: string;
  /** The folder had no configuration before. */
  first: boolean;
}

type ExtraConfigs = Pick<TerraformInput, 'providerExtraConfig' | 'filesProviderExtraConfig'>;

/**
 * Writes the cluster as a Terraform configuration. Looks up what the specs refer to, changes nothing in the cloud.
 * Throws NO_TERRAFORM, FOLDER_OF_OTHERS, FOLDER_NOT_WRITABLE, OverBudgetError.
 */
export async function exportTerraform(operator: Operator, name: string, folder: string, prices: PriceOptions = {}): Promise<TerraformExport> {
  const context = await clusterContext(operator, await readSpecs(operator, name));
  await refreshIfAsked(operator, context, prices);
  await judgeSpecs(operator, context, prices);
  await ensureKeysets(operator, context);
  const keysets = await readKeysets(operator, name);
  return withProvider(operator, context, async (provider) => {
    const target = requireTerraform(provider, name);
    const facts = await lookUpForModel(context, provider);
    const input = modelInput(context, keysets, { facts, ...(await storedForModel(operator, context)) });
    const resources = provider.model(input);
    const { providerExtraConfig, filesProviderExtraConfig } = (getPath(context.completed.cluster.spec, ['target', 'terraform']) ?? {}) as ExtraConfigs;
    const files = renderTerraform({
      clusterName: name,
      resources,
      documents: input.documents,
      target,
      documentStore: await target.documentStore?.(resources),
      providerExtraConfig,
      filesProviderExtraConfig,
      formOf: (kind) => provider.kinds.get(kind)?.terraform,
    });
    return { folder, first: await writeTerraformFolder(folder, files) };
  });
}
