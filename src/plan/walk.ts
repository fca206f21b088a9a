import type { Graph } from './graph.ts';

export interface WalkOptions<T> {
  graph: Graph;
  /** Does the work of one key. */
  run(key: string): Promise<T>;
  concurrency: number;
  /** After it aborts nothing new is started; what runs is waited for. */
  signal: AbortSignal;
}

export interface WalkResult<T> {
  done: Map<string, T>;
  failed: Map<string, unknown>;
  /** Not started: something they wait for failed, or the walk was cancelled. */
  skipped: string[];
}

/** Starts each key the moment all it waits for is done, those with the longest chain behind them first; never more than `concurrency` at once. */
export async function walk<T>(options: WalkOptions<T>): Promise<WalkResult<T>> {
  const { graph, run, concurrency, signal } = options;
  const waiting = longestFirst(graph);
  const result: WalkResult<T> = { done: new Map(), failed: new Map(), skipped: [] };
  const running = new Set<Promise<void>>();

  const start = (key: string): void => {
    const task = run(key)
      .then((value) => void result.done.set(key, value))
      .catch((error: unknown) => void result.failed.set(key, error))
      .finally(() => running.delete(task));
    running.add(task);
  };

  const startReady = (): void => {
    for (let i = 0; i < waiting.length && running.size < concurrency && !signal.aborted; ) {
      const key = waiting[i] as string;
      if (graph.dependencies(key).every((dependency) => result.done.has(dependency))) {
        waiting.splice(i, 1);
        start(key);
      } else i++;
    }
  };

  for (startReady(); running.size > 0; startReady()) await Promise.race(running);
  result.skipped = waiting;
  return result;
}

/** Keys by how many steps, one after the other, wait for them; ties in the graph's order. */
function longestFirst(graph: Graph): string[] {
  const order = graph.order();
  const behind = new Map(order.map((key) => [key, 0]));
  for (const key of [...order].reverse()) {
    for (const dependency of graph.dependencies(key)) behind.set(dependency, Math.max(behind.get(dependency) ?? 0, (behind.get(key) ?? 0) + 1));
  }
  return order.sort((a, b) => (behind.get(b) ?? 0) - (behind.get(a) ?? 0));
}
