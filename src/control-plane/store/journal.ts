import type { Write } from './mvcc.ts';

/** What has to be remembered to come back as it was. `write` is one revision; with `lease` the writes revoke that lease. */
export type JournalRecord =
  | { type: 'write'; revision: number; writes: readonly Write[]; revokes?: number }
  | { type: 'grant'; lease: number; ttlSeconds: number }
  /** A lease without keys ended: no revision. */
  | { type: 'revoke'; lease: number }
  | { type: 'compact'; revision: number };

/** Where an embedded store keeps its records. */
export interface Journal {
  /** Resolves when the record, and all before it, survive a crash. Rejects for good when that cannot be: the store stops then. */
  append(record: JournalRecord): Promise<void>;
  /** Resolves when all records so far survive a crash. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** Keeps nothing. */
export const noJournal: Journal = {
  append: async () => {},
  settled: async () => {},
  close: async () => {},
};
