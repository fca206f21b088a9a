import { nodeDocuments } from '../bootstrap/node-documents.ts';
import { type PublishedSoftware, publishedSoftware } from '../bootstrap/software/publish.ts';
import type { Facts, ModelInput, Provider, ProviderModule } from '../cloud/provider.ts';
import type { ActualResource, DesiredResource } from '../cloud/resource.ts';
import { isPlainObject } from '../lib/json.ts';
import { formatKeyset, type Keyset, keysetNames, trustBundle } from '../pki/keyset.ts';
import { buildPlan } from '../plan/build-plan.ts';
import type { Plan, PlanScope } from '../plan/plan.ts';
import type { CompletedCluster } from '../spec/types.ts';
import type { ClusterContext } from './cluster-context.ts';
import type { Operator } from './operator.ts';
import { packForInstances } from './pack-for-instances.ts';
import type { ScopeSubject } from './plan-scope.ts';
import { readKeysets } from './stored-clusters.ts';

export interface ClusterPlan {
  plan: Plan;
  desired: DesiredResource[];
  actual: ActualResource[];
}

type Keysets = Readonly<Record<string, Keyset>>;

export interface PlanOptions {
  scope?(subject: ScopeSubject): PlanScope;
  /** The cluster was only just stored: nothing is looked up, no call is made, everything is to be created. */
  fresh?: boolean;
}

/** What must change for the cloud to be as the specs say. Changes nothing. */
export async function planCluster(operator: Operator, context: ClusterContext, provider: Provider, options: PlanOptions = {}): Promise<ClusterPlan> {
  const { name: clusterName, completed, region } = context;
  const { kinds } = provider;
  const signal = operator.environment.signal;
  const [facts, actual, keysets, stored] = await Promise.all([
    options.fresh ? context.facts : lookUpForModel(context, provider),
    options.fresh ? [] : provider.inventory(clusterName, signal),
    readKeysets(operator, clusterName),
    storedForModel(operator, context),
  ]);
  const desired = desiredResources(context, provider, keysets, { facts, ...stored });
  const scope = options.scope?.({ clusterName, groups: completed.instanceGroups, actual, kinds }) ?? { prune: false };
  return { plan: buildPlan({ clusterName, provider: context.module.name, region, desired, actual, kinds, scope }), desired, actual };
}

/** Images by name, the account: what only the model wants to know, beside what the specs were completed with. */
export async function lookUpForModel({ name, module, completed, facts }: ClusterContext, provider: Provider): Promise<Facts> {
  const request = module.spec.modelReferences?.(completed) ?? {};
  if (Object.keys(request).length === 0) return facts;
  return mergeFacts(await provider.facts(name, request), facts);
}

/** What the specs were completed with counts: `--facts FILE` replaces look-ups. */
function mergeFacts(found: Facts, known: Facts): Facts {
  const merge = (a: unknown, b: unknown): unknown => (isPlainObject(a) && isPlainObject(b) ? { ...a, ...b } : (b ?? a));
  const names = new Set([...Object.keys(found), ...Object.keys(known)]) as Set<keyof Facts>;
  return Object.fromEntries([...names].map((name) => [name, merge(found[name], known[name])]));
}

/** What the model takes besides specs, key sets and facts. */
export async function storedForModel(operator: Operator, context: ClusterContext): Promise<Omit<Known, 'facts'>> {
  const keys = await sshPublicKeys(operator, context.name);
  // Packing keeps the process busy: by now the questions to the cloud are on their way.
  const published = await softwareOf(operator, context);
  return { sshPublicKeys: keys, ...(published ? { published } : {}) };
}

async function sshPublicKeys({ store }: Operator, name: string): Promise<string[]> {
  return (await store.files(name).listSshKeys()).map((key) => key.publicKey);
}

/** Undefined where instances run in a process that has kops-ts already. */
async function softwareOf({ environment }: Operator, { module, completed }: ClusterContext): Promise<PublishedSoftware | undefined> {
  if (!module.openInstance) return undefined;
  return publishedSoftware((await packForInstances()).packed, completed.cluster, environment.variables);
}

export interface Known extends Pick<ModelInput, 'facts' | 'sshPublicKeys'> {
  published?: PublishedSoftware;
}

/** What the cloud should hold. Pure. */
export function desiredResources(context: ClusterContext, provider: Provider, keysets: Keysets, known: Known): DesiredResource[] {
  return provider.model(modelInput(context, keysets, known));
}

/** All that a provider makes its resources from. Pure. */
export function modelInput({ completed, module }: ClusterContext, keysets: Keysets, { facts, sshPublicKeys, published }: Known): ModelInput {
  const authority = keysets[keysetNames.certificateAuthority];
  const interruptions = module.spec.interruptions?.(completed, facts);
  const { documents, userData } = nodeDocuments({
    completed,
    provider: module.name,
    keysets: Object.fromEntries(Object.entries(keysets).map(([keyset, value]) => [keyset, formatKeyset(value)])),
    certificateAuthority: authority ? trustBundle(authority) : '',
    ...storeOf(completed, module),
    ...(published ? { configBase: completed.cluster.spec.configBase ?? '' } : {}),
    ...(published?.software.etcdMirror === undefined ? {} : { etcdMirror: published.software.etcdMirror }),
    ...(module.spec.workerIdentities ? { workerIdentities: module.spec.workerIdentities(completed, facts) } : {}),
    ...(interruptions ? { interruptions } : {}),
  });
  const ofSoftware = published ? { software: published.software } : {};
  return { completed, userData, documents: [...documents, ...(published?.documents ?? [])], facts, sshPublicKeys, ...ofSoftware };
}

/** Machines of one process share the embedded store; on machines of their own, several members are an etcd cluster. */
export function storeOf({ cluster }: CompletedCluster, { openInstance }: ProviderModule): { store: 'wal' | 'etcd'; storeMembers: number } {
  const main = cluster.spec.etcdClusters?.find(({ name }) => name === 'main');
  const storeMembers = main?.etcdMembers.length ?? 1;
  return { store: openInstance && storeMembers > 1 ? 'etcd' : 'wal', storeMembers };
}
