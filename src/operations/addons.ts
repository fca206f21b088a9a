import { KopsError } from '../lib/errors.ts';
import type { AddonObject } from '../spec/types.ts';
import type { Operator } from './operator.ts';

/** Objects of other APIs that are kept with a cluster, as they are. */
export async function readAddons({ store }: Operator, cluster: string): Promise<AddonObject[]> {
  return (await store.files(cluster).getAddons())?.value ?? [];
}

/** `create`: none of them may be there; `replace`: all must be; `force`: either. The others stay. Throws ADDON_EXISTS, ADDON_NOT_FOUND, STATE_CONFLICT. */
export async function putAddons(operator: Operator, cluster: string, addons: readonly AddonObject[], mode: 'create' | 'replace' | 'force'): Promise<('Created' | 'Replaced')[]> {
  if (addons.length === 0) return [];
  const files = operator.store.files(cluster);
  const stored = await files.getAddons();
  const present = new Map((stored?.value ?? []).map((addon) => [addonKey(addon), addon]));
  const verbs = addons.map((addon) => (present.has(addonKey(addon)) ? 'Replaced' : 'Created'));
  for (const [i, addon] of addons.entries()) {
    if (mode === 'create' && verbs[i] === 'Replaced') throw addonExists(addon, cluster);
    if (mode === 'replace' && verbs[i] === 'Created') throw addonMissing(addon, cluster);
    present.set(addonKey(addon), addon);
  }
  await files.putAddons([...present.values()], stored ? { etag: stored.etag } : 'create');
  operator.onEvent({ type: 'warning', message: addonsWithoutEffect(addons) });
  return verbs;
}

/** Gone already is success. */
export async function removeAddon({ store }: Operator, cluster: string, addon: AddonObject): Promise<void> {
  const files = store.files(cluster);
  const stored = await files.getAddons();
  const rest = (stored?.value ?? []).filter((one) => addonKey(one) !== addonKey(addon));
  if (stored && rest.length < stored.value.length) await files.putAddons(rest, { etag: stored.etag });
}

export function addonsWithoutEffect(addons: readonly AddonObject[]): string {
  return `${addons.map((addon) => `${addon.kind}/${addon.metadata.name}`).join(', ')}: kept with the cluster, but nothing applies addon objects yet`;
}

function addonKey({ apiVersion, kind, metadata }: AddonObject): string {
  return [apiVersion, kind, metadata.namespace ?? '', metadata.name].join(' ');
}

function addonExists({ kind, metadata }: AddonObject, cluster: string): KopsError {
  return new KopsError(`cluster ${cluster} has the addon object ${kind}/${metadata.name} already`, {
    code: 'ADDON_EXISTS',
    exit: 'conflict',
    object: metadata.name,
    suggestions: ['kops-ts replace -f FILE puts the new one in its place.'],
  });
}

function addonMissing({ kind, metadata }: AddonObject, cluster: string): KopsError {
  return new KopsError(`cluster ${cluster} has no addon object ${kind}/${metadata.name}`, {
    code: 'ADDON_NOT_FOUND',
    exit: 'notFound',
    object: metadata.name,
    suggestions: ['kops-ts replace -f FILE --force also makes what does not exist yet.'],
  });
}
