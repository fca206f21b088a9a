import type { StoreEvent } from './store.ts';

/** What one revision changed. */
export interface Change {
  revision: number;
  /** When it was applied, in milliseconds since the epoch. */
  time: number;
  events: StoreEvent[];
}

/** Changes by revision, oldest first, without gaps; the front is dropped when it is compacted. */
export class History {
  private changes: Change[] = [];
  /** Changes before this index are dropped; the array is cut when they are the larger part. */
  private head = 0;

  get length(): number {
    return this.changes.length - this.head;
  }

  get oldest(): Change | undefined {
    return this.changes[this.head];
  }

  push(change: Change): void {
    this.changes.push(change);
  }

  /** Revisions have no gaps, so the place of one is arithmetic. */
  at(revision: number): Change | undefined {
    const first = this.oldest?.revision;
    return first === undefined || revision < first ? undefined : this.changes[this.head + revision - first];
  }

  /** Removes and returns all changes below the revision. */
  dropBefore(revision: number): Change[] {
    const first = this.oldest?.revision ?? revision;
    const count = Math.min(Math.max(revision - first, 0), this.length);
    const dropped = this.changes.slice(this.head, this.head + count);
    this.head += count;
    if (this.head * 2 > this.changes.length) {
      this.changes = this.changes.slice(this.head);
      this.head = 0;
    } else {
      this.changes.fill(emptyChange, this.head - count, this.head);
    }
    return dropped;
  }
}

const emptyChange: Change = { revision: 0, time: 0, events: [] };
