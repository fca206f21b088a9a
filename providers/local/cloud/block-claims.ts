import { isKopsError } from '../../../src/lib/errors.ts';

/** Claims an address block on this machine until the returned function is called. Throws KopsError BLOCK_IN_USE naming the holder. */
export type ClaimBlock = (cidr: string, cluster: string) => Promise<() => Promise<void>>;

/** The blocks this home holds against others, by cluster. */
export class BlockClaims {
  private readonly claimBlock: ClaimBlock | undefined;
  private readonly held = new Map<string, { cidr: string; release: () => Promise<void> }>();

  constructor(claimBlock: ClaimBlock | undefined) {
    this.claimBlock = claimBlock;
  }

  async claim(cluster: string, cidr: string): Promise<void> {
    if (!this.claimBlock || this.held.get(cluster)?.cidr === cidr) return;
    await this.release(cluster);
    this.held.set(cluster, { cidr, release: await this.claimBlock(cidr, cluster) });
  }

  /** Takes the block for a moment, to see whether somebody else has it. */
  async isFree(cidr: string, cluster: string): Promise<boolean> {
    if (!this.claimBlock) return true;
    try {
      const release = await this.claimBlock(cidr, cluster);
      await release();
      return true;
    } catch (error) {
      if (isKopsError(error, 'BLOCK_IN_USE')) return false;
      throw error;
    }
  }

  async release(cluster: string): Promise<void> {
    const held = this.held.get(cluster);
    this.held.delete(cluster);
    await held?.release();
  }

  async releaseAll(): Promise<void> {
    await Promise.all([...this.held.keys()].map((cluster) => this.release(cluster)));
  }
}
