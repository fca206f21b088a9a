import { KopsError } from '../lib/errors.ts';
import { certificateFacts } from './certificate.ts';
import type { AuthoritySource } from './certificate-authority.ts';
import { publicKeyDer } from './keys.ts';
import { createKeyset, type Keyset, type KeysetItem } from './keyset.ts';

/** The key set with one more key, believed but not yet signing: a new one, or a given pair. `id`: the new key's. */
export async function withNewKey(keyset: Keyset, source: AuthoritySource, given?: { certificatePem: string; privateKeyPem?: string }): Promise<{ keyset: Keyset; id: string }> {
  const item = given ? givenItem(keyset.name, given) : await freshItem(keyset.name, source);
  if (keyset.items.some((other) => other.id === item.id)) throw refused(keyset, item.id, 'is in it already');
  const items = [...keyset.items, item].sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
  return { keyset: { ...keyset, items }, id: item.id };
}

/** The key set with another signing key: the one named, else the newest that is believed. Undefined when that one signs already. */
export function withPrimary(keyset: Keyset, id?: string): { keyset: Keyset; id: string } | undefined {
  const usable = keyset.items.filter((item) => item.privateKeyPem !== undefined && item.distrusted === undefined);
  const wanted = id ?? usable.at(-1)?.id ?? keyset.primaryId;
  const item = requireItem(keyset, wanted);
  if (item.distrusted !== undefined) throw refused(keyset, wanted, 'is distrusted');
  if (item.privateKeyPem === undefined) throw refused(keyset, wanted, 'has no private key');
  return wanted === keyset.primaryId ? undefined : { keyset: { ...keyset, primaryId: wanted }, id: wanted };
}

/** The key set with these keys no longer believed: those named, else all that are older than the primary. `at`: RFC 3339. */
export function withDistrusted(keyset: Keyset, ids: readonly string[], at: string): { keyset: Keyset; ids: string[] } {
  for (const id of ids) if (requireItem(keyset, id).id === keyset.primaryId) throw refused(keyset, id, 'is the primary key: promote another one first');
  const wanted = ids.length > 0 ? ids : keyset.items.filter((item) => BigInt(item.id) < BigInt(keyset.primaryId)).map((item) => item.id);
  const gone = wanted.filter((id) => requireItem(keyset, id).distrusted === undefined);
  return { keyset: { ...keyset, items: keyset.items.map((item) => (gone.includes(item.id) ? { ...item, distrusted: at } : item)) }, ids: gone };
}

/** The key set with these keys believed again. */
export function withTrusted(keyset: Keyset, ids: readonly string[]): Keyset {
  for (const id of ids) requireItem(keyset, id);
  return {
    ...keyset,
    items: keyset.items.map((item) => {
      const { distrusted: _, ...trusted } = item;
      return ids.includes(item.id) ? trusted : item;
    }),
  };
}

async function freshItem(name: string, source: AuthoritySource): Promise<KeysetItem> {
  return (await createKeyset(name, source)).items[0] as KeysetItem;
}

function givenItem(name: string, { certificatePem, privateKeyPem }: { certificatePem: string; privateKeyPem?: string }): KeysetItem {
  try {
    const { serial, issued, expires } = certificateFacts(certificatePem);
    const pair = privateKeyPem === undefined || publicKeyDer(privateKeyPem).equals(publicKeyDer(certificatePem));
    if (pair) return { id: serial, certificatePem, ...(privateKeyPem === undefined ? {} : { privateKeyPem }), issued, expires };
  } catch {
    // What the library says of a key may quote it.
    throw new KopsError(`the certificate or the key for ${name} cannot be read`, { code: 'INVALID_KEYPAIR', exit: 'invalid', object: name, expected: 'PEM' });
  }
  throw new KopsError(`the private key for ${name} is not that of the certificate`, { code: 'INVALID_KEYPAIR', exit: 'invalid', object: name });
}

function requireItem(keyset: Keyset, id: string): KeysetItem {
  const item = keyset.items.find((one) => one.id === id);
  if (item) return item;
  throw new KopsError(`key set ${keyset.name} has no key ${id}`, {
    code: 'KEYPAIR_NOT_FOUND',
    exit: 'notFound',
    object: id,
    expected: keyset.items.map((one) => one.id).join(', '),
    suggestions: [`kops-ts get keypairs ${keyset.name}`],
  });
}

function refused(keyset: Keyset, id: string, why: string): KopsError {
  return new KopsError(`key ${id} of ${keyset.name} ${why}`, { code: 'KEYPAIR_REFUSED', exit: 'conflict', object: id, suggestions: [`kops-ts get keypairs ${keyset.name}`] });
}
