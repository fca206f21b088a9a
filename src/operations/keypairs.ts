import { timestamp } from '../lib/clock.ts';
import { KopsError } from '../lib/errors.ts';
import { nearest } from '../lib/text.ts';
import type { Keyset } from '../pki/keyset.ts';
import { withDistrusted, withNewKey, withPrimary, withTrusted } from '../pki/keyset-rotation.ts';
import type { Operator } from './operator.ts';

/** One key of a key set; fields as kops prints them. */
export interface KeypairRow {
  name: string;
  id: string;
  distrustTimestamp?: string;
  isPrimary: boolean;
  /** RFC 3339. */
  notBefore: string;
  notAfter: string;
  hasPrivateKey: boolean;
}

/** A key whose part in its key set changed. */
export interface ChangedKey {
  keyset: string;
  id: string;
}

type Rotation = (keyset: Keyset) => Promise<{ keyset: Keyset; ids: readonly string[] } | undefined>;

/** Keys of all key sets, or of those named; `distrusted` ones only on request. Throws KEYSET_NOT_FOUND. */
export async function listKeypairs(operator: Operator, cluster: string, names: readonly string[], options: { distrusted: boolean }): Promise<KeypairRow[]> {
  const keysets = await Promise.all((await keysetNames(operator, cluster, names)).map((name) => read(operator, cluster, name)));
  const rows = keysets.flatMap(({ value }) => value.items.map((item) => keypairRow(value, item)));
  return rows.filter((row) => options.distrusted || row.distrustTimestamp === undefined);
}

function keypairRow({ name, primaryId }: Keyset, item: Keyset['items'][number]): KeypairRow {
  const { id, issued, expires, distrusted, privateKeyPem } = item;
  return {
    name,
    id,
    ...(distrusted === undefined ? {} : { distrustTimestamp: distrusted }),
    isPrimary: id === primaryId,
    notBefore: issued,
    notAfter: expires,
    hasPrivateKey: privateKeyPem !== undefined,
  };
}

/** A further key that is believed, and signs only when `primary` or promoted. `name`: a key set, or `all` that can be rotated. */
export function createKeypair(
  operator: Operator,
  cluster: string,
  name: string,
  options: { given?: { certificatePem: string; privateKeyPem?: string }; primary?: boolean } = {},
): Promise<ChangedKey[]> {
  if (name === 'all' && (options.given || options.primary)) {
    throw new KopsError('--cert, --key and --primary are for one key set, not for all', { code: 'USAGE', exit: 'usage', suggestions: ['kops-ts create keypair all'] });
  }
  return rotate(operator, cluster, name, async (keyset) => {
    const made = await withNewKey(keyset, operator.environment, options.given);
    return { keyset: options.primary ? (withPrimary(made.keyset, made.id)?.keyset ?? made.keyset) : made.keyset, ids: [made.id] };
  });
}

/** Makes a key the one that signs: the one named, else the newest. Empty when it does already. */
export function promoteKeypair(operator: Operator, cluster: string, name: string, id?: string): Promise<ChangedKey[]> {
  return rotate(operator, cluster, name, async (keyset) => {
    const promoted = withPrimary(keyset, id);
    return promoted && { keyset: promoted.keyset, ids: [promoted.id] };
  });
}

/** From now on nothing believes these keys: those named, else all that are older than the primary. */
export function distrustKeypairs(operator: Operator, cluster: string, name: string, ids: readonly string[] = []): Promise<ChangedKey[]> {
  return rotate(operator, cluster, name, async (keyset) => withDistrusted(keyset, ids, timestamp(operator.environment.clock)));
}

/** Takes a distrust back. */
export function trustKeypairs(operator: Operator, cluster: string, name: string, ids: readonly string[]): Promise<ChangedKey[]> {
  return rotate(operator, cluster, name, async (keyset) => ({ keyset: withTrusted(keyset, ids), ids }));
}

/** Each key set is written over the version that was read, or not at all. */
async function rotate(operator: Operator, cluster: string, name: string, rotation: Rotation): Promise<ChangedKey[]> {
  const names = name === 'all' ? (await keysetNames(operator, cluster, [])).filter(isRotatable) : await keysetNames(operator, cluster, [name]);
  if (!names.every(isRotatable)) {
    throw new KopsError(`key set ${name} cannot be rotated`, {
      code: 'KEYSET_NOT_ROTATABLE',
      exit: 'usage',
      object: name,
      expected: 'all, service-account, or a name with -ca in it',
    });
  }
  const changed: ChangedKey[] = [];
  for (const keyset of names) {
    const stored = await read(operator, cluster, keyset);
    const next = await rotation(stored.value);
    if (!next || next.ids.length === 0) continue;
    await operator.store.files(cluster).putKeyset(next.keyset, { etag: stored.etag });
    changed.push(...next.ids.map((id) => ({ keyset, id })));
  }
  return changed;
}

function isRotatable(name: string): boolean {
  return name === 'service-account' || name.includes('-ca');
}

async function keysetNames({ store }: Operator, cluster: string, wanted: readonly string[]): Promise<string[]> {
  await store.getCluster(cluster);
  const all = await store.files(cluster).listKeysets();
  const missing = wanted.find((name) => !all.includes(name));
  if (missing !== undefined) throw notFound(cluster, missing, all);
  return wanted.length === 0 ? all : [...wanted];
}

async function read({ store }: Operator, cluster: string, name: string) {
  const stored = await store.files(cluster).getKeyset(name);
  if (!stored) throw notFound(cluster, name, []);
  return stored;
}

function notFound(cluster: string, name: string, all: readonly string[]): KopsError {
  const near = nearest(name, all);
  return new KopsError(`key set "${name}" not found in cluster ${cluster}`, {
    code: 'KEYSET_NOT_FOUND',
    exit: 'notFound',
    object: name,
    suggestions: [...(near === undefined ? [] : [`Did you mean ${near}?`]), `kops-ts get keypairs --name ${cluster}`],
  });
}
