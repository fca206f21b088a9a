import { join } from 'node:path';
import type { Machine } from '../../bootstrap/machine.ts';
import { createNodeDisk } from '../../lib/node-disk.ts';
import { etcdToken } from './etcd-flags.ts';

/** What is on the volume of etcd that is mounted there. */
export async function whatHolds(mountPoint: string, logFolder: string, clusterName: string): Promise<NonNullable<Machine['etcdVolumeHolds']>> {
  const disk = createNodeDisk(mountPoint);
  const [log, data] = await Promise.all([disk.list(logFolder), disk.list('data')]);
  const foreign = data.some((folder) => folder !== etcdToken(clusterName)) || (await disk.list(join('.', ''))).includes('state');
  return foreign ? 'foreign' : log.length > 0 ? 'log' : data.length > 0 ? 'etcd' : 'nothing';
}
