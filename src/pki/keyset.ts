import { KopsError, messageOf } from '../lib/errors.ts';
import { isPlainObject } from '../lib/json.ts';
import { formatYaml, parseYaml } from '../lib/yaml.ts';
import { certificateFacts } from './certificate.ts';
import { type AuthoritySource, type CertificateAuthority, createCertificateAuthority, loadCertificateAuthority } from './certificate-authority.ts';
import { pkiSerial } from './keys.ts';

/** Key sets of every cluster: the authority that signs its certificates, and the key that signs service account tokens. */
export const keysetNames = { certificateAuthority: 'kubernetes-ca', serviceAccount: 'service-account' } as const;

/** Where control planes are a cluster of etcd: who signs what its members show each other, and what they and their clients do. kops' names. */
export const etcdKeysetNames = { peers: 'etcd-peers-ca-main', clients: 'etcd-clients-ca' } as const;

export interface KeysetItem {
  /** The certificate's serial number in decimal; larger is later. */
  id: string;
  certificatePem: string;
  /** Absent where only the public part was given out. */
  privateKeyPem?: string;
  /** RFC 3339, from the certificate. */
  issued: string;
  expires: string;
  /** RFC 3339: from then on nothing may trust it. */
  distrusted?: string;
}

/** Keys of one purpose: the primary signs, all that are not distrusted are believed. */
export interface Keyset {
  name: string;
  primaryId: string;
  /** Oldest first. */
  items: KeysetItem[];
}

/** A key set with one self-signed pair; valid for ten years. */
export async function createKeyset(name: string, source: AuthoritySource): Promise<Keyset> {
  const serial = pkiSerial(source.clock, source.random);
  const { certificatePem, privateKeyPem } = await createCertificateAuthority({ ...source, commonName: name, serial });
  const { issued, expires } = certificateFacts(certificatePem);
  return { name, primaryId: serial.toString(), items: [{ id: serial.toString(), certificatePem, privateKeyPem, issued, expires }] };
}

/** Throws KopsError INVALID_KEYSET when it has no usable primary key. */
export function primaryKey(keyset: Keyset): Required<Omit<KeysetItem, 'distrusted'>> {
  const { name, primaryId } = keyset;
  const item = keyset.items.find(({ id }) => id === primaryId);
  if (!item) throw invalid(name, `its primary id ${JSON.stringify(primaryId)} is not among its keys`);
  if (item.distrusted !== undefined) throw invalid(name, `its primary key ${primaryId} is distrusted`);
  if (item.privateKeyPem === undefined) throw invalid(name, `its primary key ${primaryId} has no private key`);
  return { ...item, privateKeyPem: item.privateKeyPem };
}

/** All that is to be believed, oldest first. */
export function trustedItems(keyset: Keyset): KeysetItem[] {
  return keyset.items.filter((item) => item.distrusted === undefined);
}

/** PEM of all certificates to be believed: what clients take as `certificate-authority-data`. */
export function trustBundle(keyset: Keyset): string {
  return trustedItems(keyset)
    .map((item) => item.certificatePem)
    .join('');
}

/** The authority that signs with the key set's primary key. */
export function authorityOf(keyset: Keyset, source: AuthoritySource): CertificateAuthority {
  const { certificatePem, privateKeyPem } = primaryKey(keyset);
  return loadCertificateAuthority({ ...source, certificatePem, privateKeyPem });
}

/** kops' `keyset.yaml`. */
export function formatKeyset(keyset: Keyset): string {
  const keys = keyset.items.map((item) => ({
    ...(item.distrusted === undefined ? {} : { distrustTimestamp: item.distrusted }),
    id: item.id,
    ...(item.privateKeyPem === undefined ? {} : { privateMaterial: base64(item.privateKeyPem) }),
    publicMaterial: base64(item.certificatePem),
  }));
  return formatYaml({
    apiVersion: 'kops.k8s.io/v1alpha2',
    kind: 'Keyset',
    metadata: { creationTimestamp: null, name: keyset.name },
    spec: { keys, primaryID: keyset.primaryId, type: 'Keypair' },
  });
}

/** `where` names the object in errors. Throws KopsError INVALID_YAML or INVALID_KEYSET. */
export function parseKeyset(text: string, name: string, where: string): Keyset {
  const document = parseYaml(text, where);
  const spec = isPlainObject(document) && document.kind === 'Keyset' && isPlainObject(document.spec) ? document.spec : undefined;
  if (!spec || !Array.isArray(spec.keys)) throw invalid(where, 'it is no Keyset with keys');
  const items = spec.keys.map((key) => parseItem(key, where)).sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
  const keyset = { name, primaryId: String(spec.primaryID ?? spec.primaryId ?? items.at(-1)?.id ?? ''), items };
  if (!items.some(({ id }) => id === keyset.primaryId)) throw invalid(where, `its primary id ${JSON.stringify(keyset.primaryId)} is not among its keys`);
  return keyset;
}

function parseItem(key: unknown, where: string): KeysetItem {
  if (!isPlainObject(key) || !/^\d+$/.test(String(key.id))) throw invalid(where, 'it has a key without an id');
  const id = String(key.id);
  try {
    const certificatePem = unbase64(key.publicMaterial);
    const { issued, expires } = certificateFacts(certificatePem);
    const item: KeysetItem = { id, certificatePem, issued, expires };
    if (typeof key.privateMaterial === 'string') item.privateKeyPem = unbase64(key.privateMaterial);
    if (typeof key.distrustTimestamp === 'string') item.distrusted = key.distrustTimestamp;
    return item;
  } catch (error) {
    throw invalid(where, `its key ${id} cannot be read: ${messageOf(error)}`, error);
  }
}

function invalid(object: string, problem: string, cause?: unknown): KopsError {
  return new KopsError(`the key set ${object} cannot be used: ${problem}`, {
    code: 'INVALID_KEYSET',
    exit: 'invalid',
    object,
    suggestions: ['Bring the object back from a copy or an older version of it.'],
    cause,
  });
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function unbase64(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : '', 'base64').toString();
}
