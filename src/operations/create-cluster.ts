import type { Facts, ProviderModule } from '../cloud/provider.ts';
import { KopsError } from '../lib/errors.ts';
import { nearest } from '../lib/text.ts';
import type { UserSpecs } from '../spec/complete.ts';
import { requireValid } from '../spec/findings.ts';
import { dnsType, type NewCluster, type NewClusterOptions, newCluster } from '../spec/new-cluster.ts';
import type { SubnetLayout } from '../spec/provider-view.ts';
import { regionOfZones } from '../spec/region.ts';
import { clusterNameProblem } from '../spec/rules/identity.ts';
import { applySettings, isGroupSetting } from '../spec/set.ts';
import { withProvider } from './cluster-context.ts';
import type { Operator } from './operator.ts';
import { type PriceOptions, requirePrices } from './price-plan.ts';
import { type SharedNetwork, sharedNetwork, withFacts } from './shared-network.ts';
import { storeNewCluster, tried } from './store-new-cluster.ts';
import { requireAbsent } from './stored-clusters.ts';

export interface CreateOptions extends Omit<NewClusterOptions, 'cloud' | 'configBase' | keyof SharedNetwork> {
  /** Inferred from the zones when absent. */
  cloud?: string;
  networkId?: string;
  /** Existing subnets to use. */
  subnetIds?: string[];
  utilitySubnetIds?: string[];
  /** Answers of look-ups, instead of asking the cloud. */
  facts?: Facts;
  subnetLayout?: SubnetLayout;
  set?: string[];
  unset?: string[];
  sshPublicKey?: string;
  /** What the preview that follows will be asked for; judged here, before anything is stored. */
  prices?: PriceOptions;
  /** It will be written as Terraform: a cloud without is found out before anything is stored. */
  terraform?: boolean;
  /** It will be applied at once: what stands in the way is found out before anything is stored. */
  apply?: boolean;
  /** Makes the objects, stores nothing. */
  dryRun?: boolean;
}

/**
 * Builds the cluster's objects from options, checks them, and stores them with new key sets. Nothing runs yet: `applyUpdate` does that.
 * Throws CLUSTER_EXISTS, SpecError with all findings, OverBudgetError, usage errors. Nothing is stored unless everything is valid.
 */
export async function createCluster(operator: Operator, options: CreateOptions): Promise<UserSpecs> {
  requireName(options);
  if (options.zones.length === 0) throw noZones();
  await requireAbsent(operator, options.name);
  await requirePrices(operator, options.prices?.priceAs);
  const cloud = options.cloud ?? (await operator.providers.ofZones(options.zones));
  const tuned = withChoices(operator, options);
  const module = await tuned.providers.load(cloud);
  const region = regionOfZones([...options.zones, ...(options.controlPlaneZones ?? [])], await module.catalog());
  const configBase = `${operator.store.objects.url}/${options.name}`;
  const shared = await lookUpShared(operator, module, region, options);
  const wished = withSettings(newCluster({ ...options, ...shared, cloud, configBase }), options);
  if (options.dryRun) return tried(tuned, wished, options.prices);
  const { sshPublicKey, terraform = false, apply = false, prices } = options;
  return storeNewCluster(tuned, wished, { sshKeys: sshPublicKey === undefined ? [] : [sshPublicKey], terraform, apply }, prices);
}

/** The operator whose clouds complete specs as these options say. */
function withChoices(operator: Operator, { facts, subnetLayout }: CreateOptions): Operator {
  const load = async (name: string): Promise<ProviderModule> => {
    const module = await operator.providers.load(name);
    const known = facts ? withFacts(module, facts) : module;
    return subnetLayout ? { ...known, spec: { ...known.spec, subnetLayout } } : known;
  };
  return { ...operator, providers: { ...operator.providers, load } };
}

async function lookUpShared(operator: Operator, module: ProviderModule, region: string, options: CreateOptions): Promise<SharedNetwork> {
  const { facts, networkId } = options;
  if (facts && networkId !== undefined && !facts.networks?.[networkId]) throw noNetwork(networkId, Object.keys(facts.networks ?? {}));
  const subnetIds = [...(options.subnetIds ?? []), ...(options.utilitySubnetIds ?? [])];
  if (subnetIds.length === 0) return sharedNetwork(options, {});
  const ask = async () => {
    const context = { name: options.name, module, catalog: await module.catalog(), region };
    return withProvider(operator, context, (provider) => provider.facts(options.name, { subnetIds }));
  };
  return sharedNetwork(options, facts ?? (await ask()));
}

function withSettings({ cluster, instanceGroups }: NewCluster, { set = [], unset = [] }: CreateOptions): NewCluster {
  const forGroups = { set: set.filter(isGroupSetting), unset: unset.filter(isGroupSetting) };
  const forCluster = { set: set.filter((text) => !isGroupSetting(text)), unset: unset.filter((text) => !isGroupSetting(text)) };
  return { cluster: applySettings(cluster, forCluster), instanceGroups: instanceGroups.map((group) => applySettings(group, forGroups)) };
}

function requireName(options: CreateOptions): void {
  const { name } = options;
  const problem = clusterNameProblem(name, { resolved: dnsType(options) !== 'None' });
  if (problem) requireValid([{ severity: 'error', object: `Cluster/${name}`, path: 'metadata.name', ...problem }]);
}

function noNetwork(id: string, known: readonly string[]): KopsError {
  const near = nearest(id, known);
  return new KopsError(`network ${id} is not in the facts${near === undefined ? '' : `: did you mean ${near}?`}`, {
    code: 'NETWORK_NOT_FOUND',
    exit: 'notFound',
    object: id,
    suggestions: ['The file of --facts needs it under networks, with its cidrs.'],
  });
}

function noZones(): KopsError {
  return new KopsError('a new cluster needs zones', {
    code: 'NO_ZONES',
    exit: 'usage',
    suggestions: ['On this machine: --zones local-1a,local-1b,local-1c', 'On AWS: --zones us-east-1a'],
  });
}
