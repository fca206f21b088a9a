import type { Catalog } from '../cloud/catalog.ts';
import type { Facts, Provider, ProviderModule } from '../cloud/provider.ts';
import { KopsError } from '../lib/errors.ts';
import { completeCluster, type UserSpecs } from '../spec/complete.ts';
import { requireValid, SpecError } from '../spec/findings.ts';
import { regionOfCluster } from '../spec/region.ts';
import type { CompletedCluster } from '../spec/types.ts';
import { validateCompleted, validateShape } from '../spec/validate.ts';
import type { Operator } from './operator.ts';

/** A cluster's specs with the cloud they are for. */
export interface ClusterContext {
  name: string;
  module: ProviderModule;
  catalog: Catalog;
  region: string;
  completed: CompletedCluster;
}

/** Checks and completes specs. Looks up existing things first where the specs refer to any. Throws SpecError with all findings; warnings are emitted. */
export async function clusterContext(operator: Operator, user: UserSpecs): Promise<ClusterContext> {
  const shape = validateShape(user);
  if (shape.length > 0) throw new SpecError(shape);
  const module = await operator.providers.load(user.cluster.spec.cloudProvider ?? '');
  const catalog = await module.catalog();
  const region = regionOfCluster(user.cluster, catalog);
  const facts = await lookUp(operator, module, region, user);
  const completed = completeCluster(user, { catalog, providerSpec: module.spec, facts });
  for (const warning of requireValid(validateCompleted(completed, catalog, module.spec))) {
    operator.onEvent({ type: 'warning', message: `${warning.object} ${warning.path}: ${warning.message}${warning.hint === undefined ? '' : ` (${warning.hint})`}` });
  }
  return { name: user.cluster.metadata.name, module, catalog, region, completed };
}

async function lookUp(operator: Operator, module: ProviderModule, region: string, user: UserSpecs): Promise<Facts> {
  const request = module.spec.references(user.cluster, user.instanceGroups);
  if (Object.keys(request).length === 0) return {};
  return withProvider(operator, module, region, (provider) => provider.facts(user.cluster.metadata.name, request));
}

/** Opens the cloud for the time of `use`. */
export async function withProvider<T>(operator: Operator, module: ProviderModule, region: string, use: (provider: Provider) => Promise<T>): Promise<T> {
  const provider = await module.open({ ...operator.environment, home: operator.home, region });
  try {
    return await use(provider);
  } finally {
    await provider.close();
  }
}

/** What a cluster that was only stored has not: something that runs. */
export function notApplied(name: string): KopsError {
  return new KopsError(`cluster ${name} does not run yet`, { code: 'CLUSTER_NOT_APPLIED', exit: 'notReady', object: name, suggestions: [`kops-ts update cluster ${name} --yes`] });
}
