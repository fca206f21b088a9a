import { CloudError } from '../../../src/cloud/errors.ts';
import { freeBlocks } from './addresses.ts';
import type { BlockClaims } from './block-claims.ts';
import { networkBlocks } from './kind-rules.ts';
import type { Ledger } from './ledger.ts';
import type { ClusterState } from './state.ts';

/** A block of the pool that no cluster of this home has and no other home holds; the same one every time the same cluster asks. Throws CloudError `quota`. */
export async function reserveBlock(ledger: Ledger, claims: BlockClaims, cluster: string, prefix: number): Promise<string> {
  const { blocks } = ledger;
  const mine = blocks[cluster];
  if (mine?.endsWith(`/${prefix}`) && (ledger.cluster(cluster) || (await claims.tryClaim(cluster, mine)))) return mine;
  const used = networksBlocks(ledger.clusters());
  for (const withAbandoned of [true, false]) {
    if (!withAbandoned) await giveUpAbandoned(ledger, claims, cluster);
    const reserved = Object.entries(blocks).flatMap(([name, cidr]) => (name === cluster ? [] : [cidr]));
    for (const block of freeBlocks(prefix, [...used, ...reserved])) {
      if (!(await claims.tryClaim(cluster, block))) continue;
      blocks[cluster] = block;
      await ledger.saveBlocks();
      return block;
    }
  }
  throw noBlockLeft(cluster, prefix);
}

/** Blocks that networks of these clusters take. */
export function networksBlocks(clusters: readonly ClusterState[]): string[] {
  return clusters.flatMap((state) => state.resources.filter((resource) => resource.kind === 'Network').flatMap((network) => networkBlocks(network.attributes)));
}

export function noBlockLeft(cluster: string, prefix: number): CloudError {
  return new CloudError('quota', 'reserveBlock', `no free /${prefix} is left between 127.16.0.0 and 127.79.255.255`, {
    object: cluster,
    suggestions: ['Delete a cluster you no longer need: kops-ts get clusters', 'or choose a block yourself: --network-cidr 127.96.0.0/16'],
  });
}

/** Takes a reservation back. */
export async function releaseBlock(ledger: Ledger, claims: BlockClaims, cluster: string): Promise<void> {
  await claims.release(cluster);
  if (ledger.blocks[cluster] === undefined) return;
  delete ledger.blocks[cluster];
  await ledger.saveBlocks();
}

/** Reservations whose cluster never came: given up before a new cluster is refused. */
async function giveUpAbandoned(ledger: Ledger, claims: BlockClaims, cluster: string): Promise<void> {
  for (const name of Object.keys(ledger.blocks)) {
    if (name === cluster || ledger.cluster(name)) continue;
    delete ledger.blocks[name];
    await claims.release(name);
  }
}
