import { KopsError } from '../lib/errors.ts';
import { sshFingerprint } from '../pki/ssh-fingerprint.ts';
import { apiVersion, clusterLabel, type SSHCredential } from '../spec/types.ts';
import type { Operator } from './operator.ts';

export interface SshPublicKey {
  /** MD5 with colons, as kops and ssh-keygen -l -E md5 print it. */
  id: string;
  publicKey: string;
}

/** Adds a key for the cluster's machines; machines get it when they are next created. Throws INVALID_SSH_KEY, CLUSTER_NOT_FOUND. */
export async function addSshPublicKey(operator: Operator, cluster: string, publicKey: string): Promise<string> {
  await operator.store.getCluster(cluster);
  return colons(await operator.store.files(cluster).putSshKey(publicKey));
}

export async function listSshPublicKeys(operator: Operator, cluster: string): Promise<SshPublicKey[]> {
  await operator.store.getCluster(cluster);
  return (await operator.store.files(cluster).listSshKeys()).map(({ fingerprint, publicKey }) => ({ id: colons(fingerprint), publicKey }));
}

/** All keys of the cluster, as in kops, or the one with this id. Returns the ids that went. Throws SSH_KEY_NOT_FOUND. */
export async function deleteSshPublicKeys(operator: Operator, cluster: string, id?: string): Promise<string[]> {
  const keys = await listSshPublicKeys(operator, cluster);
  const gone = keys.filter((key) => id === undefined || key.id === id || plain(key.id) === id);
  if (gone.length === 0) {
    throw new KopsError(id === undefined ? `cluster ${cluster} has no SSH public key` : `cluster ${cluster} has no SSH public key ${id}`, {
      code: 'SSH_KEY_NOT_FOUND',
      exit: 'notFound',
      object: id ?? cluster,
      suggestions: [`kops-ts get sshpublickeys --name ${cluster}`],
    });
  }
  for (const key of gone) await operator.store.files(cluster).deleteSshKey(plain(key.id));
  return gone.map((key) => key.id);
}

/** The keys as objects of files: what `create -f` and `replace -f` take. */
export async function readSshCredentials({ store }: Operator, cluster: string): Promise<SSHCredential[]> {
  return (await store.files(cluster).listSshKeys()).map(({ fingerprint, publicKey }) => sshCredential(cluster, publicKey, fingerprint));
}

/** Named after its fingerprint; throws INVALID_SSH_KEY where that is not known. */
export function sshCredential(cluster: string, publicKey: string, fingerprint = sshFingerprint(publicKey)): SSHCredential {
  return {
    apiVersion,
    kind: 'SSHCredential',
    metadata: { labels: { [clusterLabel]: cluster }, name: fingerprint },
    spec: { publicKey: publicKey.trim() },
  };
}

function colons(fingerprint: string): string {
  return fingerprint.replace(/(..)(?=.)/g, '$1:');
}

function plain(id: string): string {
  return id.replaceAll(':', '');
}
