import { join } from 'node:path';
import type { Environment } from '../../../src/lib/environment.ts';
import { DaemonClient } from './client.ts';
import { hasClusters, shouldRun } from './intent.ts';
import { daemonPaths } from './paths.ts';

/** Brings the local cloud of a home back when it has clusters, should run and does not. Two looks at the disk and one at a socket otherwise. */
export async function reviveDaemon({ home, ...environment }: Environment & { home: string }): Promise<void> {
  if (!hasClusters(join(home, 'local'))) return;
  const paths = daemonPaths(home);
  if (!shouldRun(paths)) return;
  const client = new DaemonClient(environment, paths);
  try {
    if (!(await client.hello())) await client.start();
  } finally {
    await client.close();
  }
}
