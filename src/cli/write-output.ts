import { writeFile } from 'node:fs/promises';
import { KopsError, messageOf } from '../lib/errors.ts';

/** Writes a file the user named, readable by nobody else. Throws FILE_NOT_WRITABLE. */
export async function writeOutput(file: string, text: string | Uint8Array): Promise<void> {
  try {
    await writeFile(file, text, { mode: 0o600 });
  } catch (error) {
    throw new KopsError(`${file} cannot be written: ${messageOf(error)}`, { code: 'FILE_NOT_WRITABLE', exit: 'usage', object: file, cause: error });
  }
}
