import { join } from 'node:path';
import type { Environment } from '../../../src/lib/environment.ts';
import { KopsError } from '../../../src/lib/errors.ts';
import { DaemonClient } from './client.ts';
import { hasContent, shouldRun } from './intent.ts';
import { daemonPaths } from './paths.ts';

/**
 * Brings the local cloud of a home back when it has clusters or buckets, should run and does not. A few looks at the disk and one at a socket otherwise.
 * Throws LOCAL_CLOUD_DAMAGED when something of it cannot run; the rest does.
 */
export async function reviveDaemon({ home, ...environment }: Environment & { home: string }): Promise<void> {
  if (!hasContent(join(home, 'local'))) return;
  const paths = daemonPaths(home);
  if (!shouldRun(paths)) return;
  const client = new DaemonClient(environment, paths);
  try {
    let hello = await client.hello();
    if (!hello) {
      await client.start();
      hello = await client.hello();
    }
    const problems = hello?.problems ?? [];
    if (problems.length > 0) throw new KopsError(problems.join('; '), { code: 'LOCAL_CLOUD_DAMAGED', exit: 'cloud', object: home, suggestions: ['kops-ts local status'] });
  } finally {
    await client.close();
  }
}
