/** Where connections of one service port can go. */
export interface Backend {
  ip: string;
  port: number;
  node: string | undefined;
  ready: boolean;
  serving: boolean;
  terminating: boolean;
}

/** Backends in a stable order and the cursors over them: each new connection takes the next, so that n connections over m backends differ by one at most. */
export class Rotation {
  private backends: readonly Backend[] = [];
  /** Position of the next backend in the whole list; one for each set of backends that is chosen from (all, or those of one node). */
  private readonly cursors = new Map<string, number>();

  get all(): readonly Backend[] {
    return this.backends;
  }

  /** Those that stay keep their place, new ones come last: the turn of nobody changes. */
  update(next: readonly Backend[]): void {
    const byKey = new Map(next.map((backend) => [keyOf(backend), backend]));
    const kept = this.backends.map((backend) => byKey.get(keyOf(backend)));
    const known = new Set(this.backends.map(keyOf));
    for (const [scope, cursor] of this.cursors) this.cursors.set(scope, kept.slice(0, cursor).filter((backend) => backend !== undefined).length);
    this.backends = [...kept.filter((backend) => backend !== undefined), ...next.filter((backend) => !known.has(keyOf(backend)))];
  }

  /** The next of those that `eligible` admits. */
  next(scope: string, eligible: (backend: Backend) => boolean): Backend | undefined {
    const { length } = this.backends;
    const start = this.cursors.get(scope) ?? 0;
    for (let step = 0; step < length; step++) {
      const index = (start + step) % length;
      const backend = this.backends[index];
      if (!backend || !eligible(backend)) continue;
      this.cursors.set(scope, (index + 1) % length);
      return backend;
    }
    return undefined;
  }
}

export function keyOf(backend: { ip: string; port: number }): string {
  return `${backend.ip}:${backend.port}`;
}
