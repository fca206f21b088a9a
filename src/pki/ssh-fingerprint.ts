import { createHash } from 'node:crypto';
import { KopsError } from '../lib/errors.ts';

/** MD5 of the key in hexadecimal, without colons: how kops names the file. Throws INVALID_SSH_KEY. */
export function sshFingerprint(publicKey: string): string {
  const [type, blob] = publicKey.trim().split(/\s+/);
  if (type && blob && /^(ssh|ecdsa|sk)-/.test(type) && /^[A-Za-z0-9+/]+=*$/.test(blob)) return createHash('md5').update(Buffer.from(blob, 'base64')).digest('hex');
  throw new KopsError('this is no SSH public key', {
    code: 'INVALID_SSH_KEY',
    exit: 'invalid',
    expected: 'one line as in ~/.ssh/id_ed25519.pub: "ssh-ed25519 AAAA… name"',
    suggestions: ['ssh-keygen -t ed25519 makes a pair; give the file that ends in .pub.'],
  });
}
