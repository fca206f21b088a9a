import { type Random, uuid } from '../../../src/lib/random.ts';

export interface Attempt {
  /** The same for all attempts at one thing, for calls that take an idempotency token. */
  token: string;
  /** What came of it. */
  id?: string;
  /** A call may have had its effect although its answer was lost. */
  uncertain: boolean;
}

/** What was tried to be created, by `cluster Kind/name`: so that a repeated attempt goes on where the one before it stopped. */
export class Attempts {
  readonly #random: Random;
  readonly #byKey = new Map<string, Attempt>();

  constructor(random: Random) {
    this.#random = random;
  }

  of(key: string): Attempt {
    const known = this.#byKey.get(key);
    if (known) return known;
    const attempt: Attempt = { token: uuid(this.#random), uncertain: false };
    this.#byKey.set(key, attempt);
    return attempt;
  }

  /** It is being deleted: the next thing of that name is another one. */
  forget(id: string): void {
    for (const [key, attempt] of this.#byKey) if (attempt.id === id) this.#byKey.delete(key);
  }
}
