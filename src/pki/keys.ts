import { createPublicKey, generateKeyPair, KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { Clock } from '../lib/clock.ts';
import type { Random } from '../lib/random.ts';

export interface KeyPairPem {
  /** SPKI. */
  publicKeyPem: string;
  /** PKCS #8. */
  privateKeyPem: string;
}

const generate = promisify(generateKeyPair);

/** A new P-256 key pair, made outside the event loop. */
export async function generateKeys(): Promise<KeyPairPem> {
  const { publicKey, privateKey } = await generate('ec', { namedCurve: 'P-256' });
  return { publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(), privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/** SPKI in DER of a public key, a private key or a certificate in PEM. */
export function publicKeyDer(pem: string | KeyObject): Buffer {
  const key = pem instanceof KeyObject && pem.type === 'public' ? pem : createPublicKey(pem);
  return key.export({ type: 'spki', format: 'der' });
}

/** As kops numbers keys: nanoseconds since the epoch, then 32 bits of chance. Later ones are larger. */
export function pkiSerial(clock: Clock, random: Random): bigint {
  const chance = Buffer.from(random.bytes(4)).readUInt32BE();
  return (BigInt(clock.now()) * 1_000_000n * 2n ** 32n) | BigInt(chance);
}
