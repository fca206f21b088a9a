import type { Catalog } from '../cloud/catalog.ts';
import type { Facts, Provider, ProviderModule } from '../cloud/provider.ts';
import type { Environment } from '../lib/environment.ts';
import { KopsError } from '../lib/errors.ts';
import { completeCluster, type UserSpecs } from '../spec/complete.ts';
import { formatFinding, requireValid, SpecError } from '../spec/findings.ts';
import { regionOfCluster } from '../spec/region.ts';
import type { Cluster, CompletedCluster, Finding } from '../spec/types.ts';
import { validateCompleted, validateShape } from '../spec/validate.ts';
import type { Operator } from './operator.ts';
import { withMachineTypes } from './shared-network.ts';
import { readSpecs } from './stored-clusters.ts';

/** The cloud that a cluster is for. */
export interface CloudContext {
  name: string;
  module: ProviderModule;
  catalog: Catalog;
  region: string;
  /** As in the spec; absent where the cluster was never stored. */
  configBase?: string;
}

/** A cluster's specs, checked and completed, with their cloud. */
export interface ClusterContext extends CloudContext {
  completed: CompletedCluster;
  /** What was looked up to complete them. */
  facts: Facts;
}

export async function cloudContext(operator: Operator, cluster: Cluster): Promise<CloudContext> {
  const module = await operator.providers.load(cluster.spec.cloudProvider ?? '');
  const catalog = await module.catalog();
  const { configBase } = cluster.spec;
  return { name: cluster.metadata.name, module, catalog, region: regionOfCluster(cluster, catalog), ...(configBase === undefined ? {} : { configBase }) };
}

export interface ContextOptions {
  /** The cluster will not be stored: nothing is started or reserved for it. */
  tryOut?: boolean;
  /** It is to be made: what a preview can do without is an error, before any call of the cloud. */
  apply?: boolean;
}

/** Checks and completes specs. Looks up existing things first where the specs refer to any. Throws SpecError with all findings; warnings are emitted. */
export async function clusterContext(operator: Operator, user: UserSpecs, options: ContextOptions = {}): Promise<ClusterContext> {
  const shape = validateShape(user);
  if (shape.length > 0) throw new SpecError(shape);
  const cloud = await cloudContext(operator, user.cluster);
  const { module } = cloud;
  const unfit = module.spec.validateApply?.(user.cluster) ?? [];
  if (options.apply) requireValid(unfit);
  const facts = await lookUp(operator, cloud, user, options);
  const catalog = withMachineTypes(cloud.catalog, facts);
  const completed = completeCluster(user, { catalog, providerSpec: module.spec, facts });
  const warnings = [...unfit, ...requireValid(tolerated(validateCompleted(completed, catalog, module.spec), operator.environment.variables))];
  for (const warning of warnings) operator.onEvent({ type: 'warning', message: formatFinding(warning) });
  return { ...cloud, catalog, completed, facts };
}

/** As in kops: who says so in the environment may have a version that is not supported. */
function tolerated(findings: readonly Finding[], variables: Environment['variables']): Finding[] {
  const may = (message: string) => Boolean(message.endsWith('is too old') ? variables.KOPS_RUN_OBSOLETE_VERSION : variables.KOPS_RUN_TOO_NEW_VERSION);
  const isVersion = ({ path, message }: Finding) => path === 'spec.kubernetesVersion' && !message.endsWith('is not a version');
  return findings.map((finding) => (isVersion(finding) && may(finding.message) ? { ...finding, severity: 'warning' } : finding));
}

async function lookUp(operator: Operator, cloud: CloudContext, user: UserSpecs, { tryOut }: ContextOptions): Promise<Facts> {
  const request = cloud.module.spec.references(user.cluster);
  if (Object.keys(request).length === 0) return {};
  if (tryOut && cloud.module.proposeFacts) return cloud.module.proposeFacts(cloud.name, request, operator);
  return withProvider(operator, cloud, (provider) => provider.facts(cloud.name, request));
}

/** Opens the cloud for the time of `use`. */
export async function withProvider<T>(operator: Operator, cloud: CloudContext, use: (provider: Provider) => Promise<T>): Promise<T> {
  const { region, configBase } = cloud;
  const provider = await cloud.module.open({ ...operator.environment, home: operator.home, region, ...(configBase === undefined ? {} : { configBase }) });
  try {
    return await use(provider);
  } finally {
    await provider.close();
  }
}

/** Opens the cloud of a stored cluster for the time of `use`; its specs need not be valid. Throws CLUSTER_NOT_FOUND. */
export async function openStoredCluster<T>(operator: Operator, name: string, use: (provider: Provider, user: UserSpecs) => Promise<T>): Promise<T> {
  const user = await readSpecs(operator, name);
  return withProvider(operator, await cloudContext(operator, user.cluster), (provider) => use(provider, user));
}

/** What a cluster that was only stored has not: something that runs. */
export function notApplied(name: string): KopsError {
  return new KopsError(`cluster ${name} does not run yet`, { code: 'CLUSTER_NOT_APPLIED', exit: 'notReady', object: name, suggestions: [`kops-ts update cluster ${name} --yes`] });
}
