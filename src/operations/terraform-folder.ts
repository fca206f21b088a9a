import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KopsError, messageOf } from '../lib/errors.ts';
import { type TerraformFiles, terraformDataFolder, terraformMainFile } from '../plan/terraform/render-terraform.ts';

/** What kops itself writes: beside ours it would name every resource twice. */
const kopsFile = 'kubernetes.tf';

/** Replaces the configuration in the folder; what an earlier one had below `data/` and this has not goes, other files stay. True when there was none. */
export async function writeTerraformFolder(folder: string, files: TerraformFiles): Promise<boolean> {
  if (await exists(join(folder, kopsFile))) throw ofKops(folder);
  const before = await readMain(folder);
  try {
    await mkdir(join(folder, terraformDataFolder), { recursive: true });
    for (const name of dataFilesOf(before ?? '')) if (!files.has(name)) await rm(join(folder, name), { force: true });
    for (const [name, content] of files) await writeFile(join(folder, name), content, { mode: 0o600 });
  } catch (error) {
    throw new KopsError(`${folder} cannot be written: ${messageOf(error)}`, {
      code: 'FOLDER_NOT_WRITABLE',
      exit: 'usage',
      object: folder,
      suggestions: ['Name another folder: --out FOLDER'],
      cause: error,
    });
  }
  return before === undefined;
}

async function readMain(folder: string): Promise<string | undefined> {
  return readFile(join(folder, terraformMainFile), 'utf8').catch(() => undefined);
}

/** Files that a configuration reads, as it names them itself. */
function dataFilesOf(configuration: string): string[] {
  const names = [...configuration.matchAll(/\$\{path\.module\}\/(data\/[^/"\\]+)/g)].map((match) => match[1] as string);
  return names.filter((name) => !name.endsWith('/..'));
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function ofKops(folder: string): KopsError {
  return new KopsError(`${folder} holds a configuration that kops wrote (${kopsFile})`, {
    code: 'FOLDER_OF_OTHERS',
    exit: 'conflict',
    object: folder,
    suggestions: ['Write into a folder of its own: --out FOLDER', `Or move ${kopsFile} and data away: resources have the same names, so that Terraform's state stays good.`],
  });
}
