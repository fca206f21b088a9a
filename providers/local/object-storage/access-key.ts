import type { Disk } from '../../../src/lib/disk.ts';
import { systemCode } from '../../../src/lib/errors.ts';
import { isPlainObject } from '../../../src/lib/json.ts';
import type { Random } from '../../../src/lib/random.ts';

export interface AccessKey {
  accessKeyId: string;
  secretAccessKey: string;
}

export const accessKeyFile = 'access-key.json';

/** The home's own access key: made when it is first asked for, for the owner's eyes only. It is none of AWS. */
export async function ensureAccessKey(disk: Disk, random: Random): Promise<AccessKey> {
  const kept = await readAccessKey(disk);
  if (kept) return kept;
  const key = { accessKeyId: `LOCAL${letters(random, 15)}`, secretAccessKey: Buffer.from(random.bytes(30)).toString('base64url') };
  await disk.writeFile(accessKeyFile, Buffer.from(`${JSON.stringify(key)}\n`), { mode: 0o600 });
  return key;
}

async function readAccessKey(disk: Disk): Promise<AccessKey | undefined> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(await disk.readFile(accessKeyFile)).toString());
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' && !(error instanceof SyntaxError)) throw error;
  }
  if (!isPlainObject(value) || typeof value.accessKeyId !== 'string' || typeof value.secretAccessKey !== 'string') return undefined;
  return { accessKeyId: value.accessKeyId, secretAccessKey: value.secretAccessKey };
}

/** The alphabet of AWS' key ids. */
function letters(random: Random, length: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return Array.from(random.bytes(length), (byte) => alphabet[byte % alphabet.length]).join('');
}
