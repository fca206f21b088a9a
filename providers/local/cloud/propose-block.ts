import type { Disk } from '../../../src/lib/disk.ts';
import { freeBlocks } from './addresses.ts';
import { CloudFiles } from './cloud-files.ts';
import { networksBlocks, noBlockLeft } from './reserve-block.ts';

/**
 * The block `reserveBlock` would give this cluster, as far as the files of this home tell; other homes are not asked.
 * Reads the disk and nothing else. Throws CloudError `quota`.
 */
export async function proposeBlock(disk: Disk, cluster: string, prefix: number): Promise<string> {
  const { clusters, blocks } = await new CloudFiles(disk, { lookOnly: true }).load();
  const mine = blocks[cluster];
  if (mine?.endsWith(`/${prefix}`)) return mine;
  const [first] = freeBlocks(prefix, [...networksBlocks(clusters), ...Object.values(blocks)]);
  if (first === undefined) throw noBlockLeft(cluster, prefix);
  return first;
}
