import { generateKeyPairSync } from 'node:crypto';

/** Public keys as a worker sends them. */
export function nodeKeys(): { kubelet: string; 'kubelet-server': string } {
  const key = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' }).toString();
  return { kubelet: key(), 'kubelet-server': key() };
}
