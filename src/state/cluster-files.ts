import { messageOf } from '../lib/errors.ts';
import { formatYaml } from '../lib/yaml.ts';
import { formatKeyset, type Keyset, parseKeyset } from '../pki/keyset.ts';
import { sshFingerprint } from '../pki/ssh-fingerprint.ts';
import { parseSpecObjects } from '../spec/schema.ts';
import { type AddonObject, type Cluster, isAddon } from '../spec/types.ts';
import type { ObjectStore } from './object-store.ts';
import { corruptObject } from './state-errors.ts';
import { type Expectation, encodeKopsObject, mapBounded, readKopsObject, type Stored, writeObject } from './typed-objects.ts';

/** What a state store holds of one cluster besides its user specs, in kops' layout. Writes throw STATE_EXISTS or STATE_CONFLICT when the expectation does not hold. */
export interface ClusterFiles {
  getKeyset(name: string): Promise<Stored<Keyset> | undefined>;
  putKeyset(keyset: Keyset, expectation?: Expectation): Promise<{ etag: string }>;
  /** Names, sorted. */
  listKeysets(): Promise<string[]>;
  /** The full spec the last `update cluster` wrote. */
  getCompleted(): Promise<Stored<Cluster> | undefined>;
  putCompleted(cluster: Cluster): Promise<void>;
  /** Public keys of `admin`, in OpenSSH's form. */
  listSshKeys(): Promise<{ fingerprint: string; publicKey: string }[]>;
  /** Throws KopsError INVALID_SSH_KEY. Resolves to its fingerprint. */
  putSshKey(publicKey: string): Promise<string>;
  /** By its fingerprint. Gone already is success. */
  deleteSshKey(fingerprint: string): Promise<void>;
  /** Objects of other APIs that are kept with the cluster. Throws STATE_CORRUPT. */
  getAddons(): Promise<Stored<AddonObject[]> | undefined>;
  /** All of them; none removes the file. */
  putAddons(addons: readonly AddonObject[], expectation: Expectation): Promise<void>;
  /** The version that last applied the cluster. */
  getVersion(): Promise<string | undefined>;
  putVersion(version: string): Promise<void>;
}

/** Keys of a cluster that `delete cluster` may remove: kops' layout. */
const known = [
  /^config$/,
  /^cluster-completed\.spec$/,
  /^kops-version\.txt$/,
  /^instancegroup\/[^/]+$/,
  /^igconfig\//,
  /^pki\//,
  /^secrets\//,
  /^addons\//,
  /^clusteraddons\//,
  /^manifests\//,
  /^backups\/etcd\//,
  // What instances install.
  /^kops-ts\//,
  /^\.well-known\/openid-configuration$/,
  /^openid\/v1\/jwks$/,
];

/** `path`: relative to the cluster's folder. */
export function isKnownFile(path: string): boolean {
  return known.some((pattern) => pattern.test(path));
}

export function clusterFiles(objects: ObjectStore, cluster: string): ClusterFiles {
  const keysetKey = (name: string) => `${cluster}/pki/private/${name}/keyset.yaml`;
  const sshFolder = `${cluster}/pki/ssh/public/admin/`;
  const addonsKey = `${cluster}/clusteraddons/default`;
  const text = (data: Uint8Array) => Buffer.from(data).toString();
  return {
    async getKeyset(name) {
      const key = keysetKey(name);
      const stored = await objects.get(key);
      return stored && { value: parseKeyset(text(stored.data), name, `${key} in ${objects.url}`), etag: stored.etag, modifiedMs: stored.modifiedMs };
    },
    putKeyset: (keyset, expectation) => writeObject(objects, keysetKey(keyset.name), Buffer.from(formatKeyset(keyset)), expectation),
    async listKeysets() {
      const { prefixes } = await objects.list(`${cluster}/pki/private/`, { delimiter: '/' });
      return prefixes.map((prefix) => prefix.split('/').at(-2) ?? '');
    },
    getCompleted: () => readKopsObject(objects, `${cluster}/cluster-completed.spec`, 'Cluster', cluster),
    async putCompleted(completed) {
      await objects.put(`${cluster}/cluster-completed.spec`, encodeKopsObject(completed));
    },
    async listSshKeys() {
      const { keys } = await objects.list(sshFolder);
      const found = await mapBounded(keys, async (key) => ({ fingerprint: key.slice(sshFolder.length), stored: await objects.get(key) }));
      return found.flatMap(({ fingerprint, stored }) => (stored ? [{ fingerprint, publicKey: text(stored.data).trim() }] : []));
    },
    async putSshKey(publicKey) {
      const fingerprint = sshFingerprint(publicKey);
      await objects.put(`${sshFolder}${fingerprint}`, Buffer.from(publicKey));
      return fingerprint;
    },
    deleteSshKey: (fingerprint) => objects.delete(`${sshFolder}${fingerprint}`),
    async getAddons() {
      const stored = await objects.get(addonsKey);
      return stored && { value: parseAddons(objects, addonsKey, text(stored.data)), etag: stored.etag, modifiedMs: stored.modifiedMs };
    },
    async putAddons(addons, expectation) {
      const data = Buffer.from(addons.map((addon) => formatYaml(addon, { sortKeys: true })).join('---\n'));
      if (addons.length > 0) await writeObject(objects, addonsKey, data, expectation);
      else await objects.delete(addonsKey);
    },
    async getVersion() {
      const stored = await objects.get(`${cluster}/kops-version.txt`);
      return stored && text(stored.data).trim();
    },
    async putVersion(version) {
      await objects.put(`${cluster}/kops-version.txt`, Buffer.from(version));
    },
  };
}

function parseAddons(objects: ObjectStore, key: string, text: string): AddonObject[] {
  try {
    return parseSpecObjects(text, key).filter(isAddon);
  } catch (error) {
    throw corruptObject(key, objects.url, messageOf(error), error);
  }
}
