const chunkSize = 512;

/** Entries in the order of their keys, in chunks of an array: binary search to find, a short memmove to add or delete. */
export class SortedMap<V extends { readonly key: string }> {
  private readonly chunks: V[][] = [];

  get(key: string): V | undefined {
    const chunk = this.chunks[this.chunkOf(key)];
    const entry = chunk?.[lowerBound(chunk, key)];
    return entry?.key === key ? entry : undefined;
  }

  /** The key must not be there yet. */
  add(entry: V): void {
    const index = this.chunkOf(entry.key);
    const chunk = this.chunks[index];
    if (!chunk) {
      this.chunks.push([entry]);
      return;
    }
    chunk.splice(lowerBound(chunk, entry.key), 0, entry);
    if (chunk.length > chunkSize) this.chunks.splice(index + 1, 0, chunk.splice(chunkSize / 2));
  }

  delete(key: string): void {
    const index = this.chunkOf(key);
    const chunk = this.chunks[index];
    const at = chunk ? lowerBound(chunk, key) : 0;
    if (chunk?.[at]?.key !== key) return;
    chunk.splice(at, 1);
    if (chunk.length === 0) this.chunks.splice(index, 1);
  }

  /** Visits the entries of [start, end) in order. The map must not change meanwhile. */
  each(start: string, end: string, visit: (entry: V) => void): void {
    for (let index = this.chunkOf(start); index < this.chunks.length; index++) {
      const chunk = this.chunks[index] ?? [];
      for (let at = lowerBound(chunk, start); at < chunk.length; at++) {
        const entry = chunk[at];
        if (!entry || entry.key >= end) return;
        visit(entry);
      }
    }
  }

  /** Visits all entries in order. */
  all(visit: (entry: V) => void): void {
    for (const chunk of this.chunks) for (const entry of chunk) visit(entry);
  }

  /** Index of the chunk that holds the key or would hold it. */
  private chunkOf(key: string): number {
    let low = 0;
    let high = this.chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      const first = this.chunks[middle]?.[0];
      if (first && first.key <= key) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** Index of the first entry whose key is not below `key`. */
function lowerBound(chunk: readonly { readonly key: string }[], key: string): number {
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const entry = chunk[middle];
    if (entry && entry.key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
