import { type Compare, type RangeOptions, type RangeResult, type Store, StoreClosedError, type StoreOperation, type StoreWatch, type TransactionResult } from '../store.ts';

/** One member's view of a store that several share. Closing it closes the member's part in it. */
export class MemberStore implements Store {
  private readonly shared: () => Store;
  private readonly leave: () => Promise<void>;
  private readonly watches = new Set<{ stop(): void; watch: StoreWatch }>();
  private readonly writing = new Set<Promise<TransactionResult>>();
  private closing: Promise<void> | undefined;

  /** `shared` throws StoreUnavailableError while too few members run. */
  constructor(shared: () => Store, leave: () => Promise<void>) {
    this.shared = shared;
    this.leave = leave;
  }

  revision(): number {
    return this.store().revision();
  }

  async range(key: string, options?: RangeOptions): Promise<RangeResult> {
    return this.store().range(key, options);
  }

  async transaction(compares: readonly Compare[], operations: readonly StoreOperation[]): Promise<TransactionResult> {
    const write = this.store().transaction(compares, operations);
    this.writing.add(write);
    return write.finally(() => this.writing.delete(write));
  }

  watch(key: string, end: string | undefined, startRevision: number | undefined, watch: StoreWatch): { stop(): void } {
    const inner = this.store().watch(key, end, startRevision, watch);
    const entry = { stop: () => inner.stop(), watch };
    this.watches.add(entry);
    return {
      stop: () => {
        this.watches.delete(entry);
        inner.stop();
      },
    };
  }

  async compact(revision: number): Promise<void> {
    return this.store().compact(revision);
  }

  async grantLease(ttlSeconds: number): Promise<number> {
    return this.store().grantLease(ttlSeconds);
  }

  async keepAliveLease(id: number): Promise<void> {
    return this.store().keepAliveLease(id);
  }

  async revokeLease(id: number): Promise<void> {
    return this.store().revokeLease(id);
  }

  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    await Promise.allSettled(this.writing);
    for (const { stop, watch } of this.watches) {
      stop();
      watch.end(new StoreClosedError());
    }
    this.watches.clear();
    await this.leave();
  }

  private store(): Store {
    if (this.closing) throw new StoreClosedError();
    return this.shared();
  }
}
