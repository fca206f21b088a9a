import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readManifest } from './installed-packages.ts';

/** The folder of the package that this code is part of, built or not. */
export function packageRoot(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json')) && readManifest(folder).name === 'kops-ts') return folder;
    if (dirname(folder) === folder) throw new Error(`no package.json of kops-ts above ${fileURLToPath(import.meta.url)}`);
  }
}
