import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { systemCode } from '../../../src/lib/errors.ts';
import { createNodeDisk } from '../../../src/lib/node-disk.ts';
import { hasBuckets } from './home-object-storage.ts';
import type { DaemonPaths } from './paths.ts';

/** Whether the local cloud of this home should run: what the user last said with `local start` and `local stop`; true until then. */
export function shouldRun(paths: Pick<DaemonPaths, 'intent'>): boolean {
  try {
    return (JSON.parse(readFileSync(paths.intent, 'utf8')) as { run?: unknown }).run !== false;
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || error instanceof SyntaxError) return true;
    throw error;
  }
}

export async function setIntent(paths: Pick<DaemonPaths, 'intent'>, run: boolean): Promise<void> {
  await createNodeDisk(dirname(paths.intent)).writeFile(basename(paths.intent), Buffer.from(`${JSON.stringify({ run })}\n`));
}

/** Whether the local cloud of the home has anything to run for: clusters, also damaged ones, or buckets. Answered by the disk alone. */
export function hasContent(folder: string): boolean {
  return hasClusters(folder) || hasBuckets(folder);
}

function hasClusters(folder: string): boolean {
  const clusters = join(folder, 'cloud', 'clusters');
  return existsSync(clusters) && readdirSync(clusters).some((name) => /\.json(\.corrupt(-\d+)?)?$/.test(name));
}
