import type { AwsApi } from '../api/clients.ts';

/** One look at everything a cluster has: each list of the API is asked for once, whoever needs it. */
export class Inventory {
  readonly aws: AwsApi;
  readonly clusterName: string;
  readonly signal: AbortSignal;
  readonly #lists = new Map<string, Promise<unknown>>();

  constructor(aws: AwsApi, clusterName: string, signal: AbortSignal) {
    this.aws = aws;
    this.clusterName = clusterName;
    this.signal = signal;
  }

  /** The answer to one question, asked once: `inventory.once('securityGroups', () => …)`. */
  once<Answer>(question: string, ask: () => Promise<Answer>): Promise<Answer> {
    const known = this.#lists.get(question);
    if (known) return known as Promise<Answer>;
    const answer = ask();
    this.#lists.set(question, answer);
    return answer;
  }
}
