import { createHash } from 'node:crypto';
import { type DesiredResource, ref } from '../../../src/cloud/resource.ts';
import type { Id } from '../attributes.ts';
import { type AwsContext, resource } from './context.ts';
import { ownedTags } from './tags.ts';

/** The first public key of the state store, unless the spec names a key pair that exists (`sshKeyName`) or wants none (`""`). */
export function keyPairs(context: AwsContext): DesiredResource[] {
  const publicKey = ownPublicKey(context);
  if (publicKey === undefined) return [];
  const name = keyPairName(context.name, publicKey);
  return [resource('KeyPair', name, { keyName: name, publicKey, tags: ownedTags(context, context.name) })];
}

/** What launch templates name; undefined: instances get no key. */
export function keyName(context: AwsContext): Id | undefined {
  const { sshKeyName } = context.spec;
  if (sshKeyName !== undefined) return sshKeyName === '' ? undefined : sshKeyName;
  const publicKey = ownPublicKey(context);
  return publicKey === undefined ? undefined : ref('KeyPair', keyPairName(context.name, publicKey));
}

function ownPublicKey({ spec, input }: AwsContext): string | undefined {
  return spec.sshKeyName === undefined ? input.sshPublicKeys[0] : undefined;
}

function keyPairName(cluster: string, publicKey: string): string {
  return `kubernetes.${cluster}-${fingerprint(publicKey)}`;
}

/** MD5 of the key itself in OpenSSH's notation: `c4:a6:ed…`. */
function fingerprint(publicKey: string): string {
  const key = Buffer.from(publicKey.trim().split(/\s+/)[1] ?? '', 'base64');
  return createHash('md5')
    .update(key)
    .digest('hex')
    .replace(/(..)(?=.)/g, '$1:');
}
