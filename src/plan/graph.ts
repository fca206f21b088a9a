import { KopsError } from '../lib/errors.ts';

/** A directed graph by key. An edge from a to b: a waits for b. */
export class Graph {
  private readonly edges = new Map<string, Set<string>>();

  add(key: string): void {
    if (!this.edges.has(key)) this.edges.set(key, new Set());
  }

  /** Unknown targets are ignored by whoever walks: only keys that were added count. */
  connect(from: string, to: string): void {
    this.add(from);
    if (from !== to) this.edges.get(from)?.add(to);
  }

  has(key: string): boolean {
    return this.edges.has(key);
  }

  /** What `key` waits for, of the keys that were added. */
  dependencies(key: string): string[] {
    return [...(this.edges.get(key) ?? [])].filter((to) => this.edges.has(to));
  }

  /** Keys in an order in which each comes after what it waits for; ties in order of adding. Throws on a cycle, naming it. */
  order(): string[] {
    const done = new Set<string>();
    const path: string[] = [];
    const result: string[] = [];
    const visit = (key: string): void => {
      if (done.has(key)) return;
      if (path.includes(key)) throw cycleError([...path.slice(path.indexOf(key)), key]);
      path.push(key);
      for (const dependency of this.dependencies(key)) visit(dependency);
      path.pop();
      done.add(key);
      result.push(key);
    };
    for (const key of this.edges.keys()) visit(key);
    return result;
  }
}

function cycleError(path: string[]): KopsError {
  return new KopsError(`resources depend on each other in a circle: ${path.join(' → ')}`, { code: 'DEPENDENCY_CYCLE', exit: 'bug' });
}
