/** Segment n holds the records after snapshot n. Snapshot 0 is the empty store and has no file. */
export function segmentName(directory: string, number: number): string {
  return `${directory}/wal-${digits(number)}.log`;
}

export function snapshotName(directory: string, number: number): string {
  return `${directory}/snapshot-${digits(number)}.snap`;
}

export interface WalFiles {
  /** Number of the latest snapshot; 0: none. */
  snapshot: number;
  /** Segments from that snapshot on, ascending. */
  segments: number[];
  /** Left over from a rotation that did not end. */
  obsolete: string[];
}

export function sortFiles(directory: string, names: readonly string[]): WalFiles {
  const numbersOf = (pattern: RegExp) =>
    names
      .map((name) => pattern.exec(name)?.[1])
      .filter((text) => text !== undefined)
      .map(Number);
  const snapshots = numbersOf(/^snapshot-(\d{10})\.snap$/);
  const snapshot = Math.max(0, ...snapshots);
  const segments = numbersOf(/^wal-(\d{10})\.log$/).sort((a, b) => a - b);
  return {
    snapshot,
    segments: segments.filter((number) => number >= snapshot),
    obsolete: [
      ...segments.filter((number) => number < snapshot).map((number) => segmentName(directory, number)),
      ...snapshots.filter((number) => number < snapshot).map((number) => snapshotName(directory, number)),
      ...names.filter((name) => /^snapshot-\d{10}\.snap\.tmp$/.test(name)).map((name) => `${directory}/${name}`),
    ],
  };
}

function digits(number: number): string {
  return String(number).padStart(10, '0');
}
