import { cidrContains, formatCidr, maskedCidr, parseCidr } from '../../../src/lib/cidr.ts';
import { isKopsError } from '../../../src/lib/errors.ts';

/** Claims an address block on this machine until the returned function is called. Throws KopsError BLOCK_IN_USE naming the holder. */
export type ClaimBlock = (cidr: string, cluster: string) => Promise<() => Promise<void>>;

/** The blocks this home holds against others. Clusters of one home may share a claim: what is claimed is whole /16s. */
export class BlockClaims {
  private readonly claimBlock: ClaimBlock | undefined;
  private readonly held = new Map<string, { clusters: Set<string>; release: () => Promise<void> }>();

  constructor(claimBlock: ClaimBlock | undefined) {
    this.claimBlock = claimBlock;
  }

  /** All or none. */
  async claim(cluster: string, blocks: readonly string[]): Promise<void> {
    if (!this.claimBlock) return;
    try {
      for (const block of claimable(blocks)) {
        const existing = this.held.get(block);
        if (existing) existing.clusters.add(cluster);
        else this.held.set(block, { clusters: new Set([cluster]), release: await this.claimBlock(block, cluster) });
      }
    } catch (error) {
      await this.release(cluster);
      throw error;
    }
  }

  /** Holds the block from now on; false when somebody else has it. What is only looked at could be taken by another home a moment later. */
  async tryClaim(cluster: string, cidr: string): Promise<boolean> {
    if (claimable([cidr]).some((block) => this.held.get(block)?.clusters.has(cluster) === false)) return false;
    try {
      await this.claim(cluster, [cidr]);
      return true;
    } catch (error) {
      if (isKopsError(error, 'BLOCK_IN_USE')) return false;
      throw error;
    }
  }

  async release(cluster: string): Promise<void> {
    for (const [block, { clusters, release }] of this.held) {
      clusters.delete(cluster);
      if (clusters.size > 0) continue;
      this.held.delete(block);
      await release();
    }
  }

  async releaseAll(): Promise<void> {
    await Promise.all([...this.held.values()].map(({ release }) => release()));
    this.held.clear();
  }
}

/** Blocks of 127.0.0.0/8, widened to a /16 where they are smaller, without those inside others. */
function claimable(blocks: readonly string[]): string[] {
  const wide = blocks.flatMap((text) => {
    const block = parseCidr(text);
    if (!block || block.base >>> 24 !== 127) return [];
    return parseCidr(block.prefix <= 16 ? text : (maskedCidr(`${text.split('/')[0]}/16`) ?? '')) ?? [];
  });
  const outer = wide.filter((block, i) => !wide.some((other, j) => cidrContains(other, block) && (other.prefix < block.prefix || j < i)));
  return outer.map(formatCidr);
}
