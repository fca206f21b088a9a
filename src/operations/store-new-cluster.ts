import { isKopsError } from '../lib/errors.ts';
import { createKeyset } from '../pki/keyset.ts';
import { sshFingerprint } from '../pki/ssh-fingerprint.ts';
import { assignStable } from '../spec/assign.ts';
import type { UserSpecs } from '../spec/complete.ts';
import { addonsWithoutEffect } from './addons.ts';
import { judgeSpecs } from './budget.ts';
import { cloudContext, clusterContext, withProvider } from './cluster-context.ts';
import { newKeysetNames } from './ensure-keysets.ts';
import type { Operator } from './operator.ts';
import { type PriceOptions, refreshIfAsked } from './price-plan.ts';
import { requireTerraform } from './require-terraform.ts';
import { type ClusterExtras, createSpecs } from './stored-clusters.ts';

/** Checks a new cluster, fixes what must never move by itself, makes its key sets and stores it. Throws CLUSTER_EXISTS, INVALID_SSH_KEY, SpecError, OverBudgetError. Resolves to what was stored. */
export async function storeNewCluster(operator: Operator, wished: UserSpecs, extras: ClusterExtras = {}, prices: PriceOptions = {}): Promise<UserSpecs> {
  try {
    return await checkAndStore(operator, wished, extras, prices);
  } catch (error) {
    // What is reserved for somebody else's cluster of this name stays.
    if (!isKopsError(error, 'CLUSTER_EXISTS')) await giveBack(operator, wished);
    throw error;
  }
}

async function checkAndStore(operator: Operator, user: UserSpecs, extras: ClusterExtras, prices: PriceOptions): Promise<UserSpecs> {
  const { environment } = operator;
  const wished = located(operator, user);
  for (const key of extras.sshKeys ?? []) sshFingerprint(key);
  const context = await clusterContext(operator, wished, { apply: extras.apply ?? false });
  // A cloud that cannot be used is found out before anything is stored.
  await withProvider(operator, context, async (provider) => {
    if (extras.terraform) requireTerraform(provider, context.name);
  });
  await refreshIfAsked(operator, context, prices);
  await judgeSpecs(operator, context, prices, { stored: false });
  const keysets = await Promise.all(newKeysetNames(context.module).map((keyset) => createKeyset(keyset, environment)));
  environment.signal.throwIfAborted();
  const stored = await createSpecs(operator, assignStable(wished, context.completed), keysets, extras);
  if (extras.addons?.length) operator.onEvent({ type: 'warning', message: addonsWithoutEffect(extras.addons) });
  return stored;
}

/** The specs as they would be stored, with nothing stored, started or reserved. */
export async function tried(operator: Operator, wished: UserSpecs, prices: PriceOptions = {}): Promise<UserSpecs> {
  const context = await clusterContext(operator, wished, { tryOut: true });
  await judgeSpecs(operator, context, prices, { stored: false });
  return assignStable(wished, context.completed);
}

/** The specs as they are to be stored. Stores nothing. */
export async function assigned(operator: Operator, user: UserSpecs): Promise<UserSpecs> {
  const wished = located(operator, user);
  try {
    const { completed } = await clusterContext(operator, wished);
    return assignStable(wished, completed);
  } finally {
    await giveBack(operator, wished);
  }
}

/** Where its documents lie: in the state store, as with kops, unless the spec names another place. */
function located({ store }: Operator, { cluster, instanceGroups }: UserSpecs): UserSpecs {
  const configBase = cluster.spec.configBase ?? `${store.objects.url}/${cluster.metadata.name}`;
  return { cluster: { ...cluster, spec: { ...cluster.spec, configBase } }, instanceGroups };
}

/** Reservations of a cluster that was not stored. A cloud that was not asked for anything is left alone. */
async function giveBack(operator: Operator, { cluster }: UserSpecs): Promise<void> {
  // A specification that names no cloud has reserved nothing.
  const cloud = await cloudContext(operator, cluster).catch(() => undefined);
  if (!cloud || Object.keys(cloud.module.spec.references(cluster)).length === 0) return;
  const { name } = cluster.metadata;
  await withProvider(operator, cloud, async (provider) => provider.forget?.(name)).catch((error) =>
    operator.environment.log.warn('a reservation was not given back', { name, error }),
  );
}
