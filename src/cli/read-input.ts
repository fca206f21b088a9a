import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { KopsError, messageOf } from '../lib/errors.ts';
import { parseSpecObjects } from '../spec/schema.ts';
import type { SpecObject } from '../spec/types.ts';

/** The text of a file the user named; `-` is standard input, `~/` the home folder. Throws FILE_NOT_READABLE. */
export async function readInput(file: string): Promise<string> {
  if (file === '-') return readStandardInput();
  const path = file.startsWith('~/') ? `${homedir()}${file.slice(1)}` : file;
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new KopsError(`${file} cannot be read: ${messageOf(error)}`, { code: 'FILE_NOT_READABLE', exit: 'usage', object: file, cause: error });
  }
}

/** The objects of files the user named, shapes checked. Throws SpecError with all findings of a file. */
export async function readObjects(files: readonly string[]): Promise<SpecObject[]> {
  const objects: SpecObject[] = [];
  for (const file of files) objects.push(...parseSpecObjects(await readInput(file), file === '-' ? 'standard input' : file));
  return objects;
}

async function readStandardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}
