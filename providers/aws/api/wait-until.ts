import { CloudError } from '../../../src/cloud/errors.ts';
import type { OperationContext } from '../../../src/cloud/provider.ts';
import type { AwsApi } from './clients.ts';

export interface Wait {
  /** The cloud's word for what is under way: `CreateNatGateway`. */
  operation: string;
  /** What the user reads meanwhile: `NAT gateway nat-1 to be available`. */
  what: string;
  everyMs?: number;
  /** 10 minutes when absent. */
  limitMs?: number;
}

const defaultEveryMs = 3_000;
const defaultLimitMs = 600_000;

/**
 * Asks until there is an answer: `undefined` means not yet. Progress is told once for each new wording.
 * Throws CloudError notYetVisible when the limit has passed, and whatever `ask` throws.
 */
export async function waitUntil<Answer>(aws: AwsApi, context: OperationContext, wait: Wait, ask: (tell: (state: string) => void) => Promise<Answer | undefined>): Promise<Answer> {
  const startedAt = aws.clock.now();
  let told = '';
  let state = '';
  for (;;) {
    const answer = await ask((text) => {
      state = text;
    });
    if (answer !== undefined) return answer;
    const message = `waiting for ${wait.what}${state === '' ? '' : `: ${state}`}`;
    if (aws.clock.now() - startedAt >= (wait.limitMs ?? defaultLimitMs)) throw new CloudError('notYetVisible', wait.operation, `gave up ${message}`);
    if (message !== told) context.progress(message);
    told = message;
    await aws.clock.sleep(wait.everyMs ?? defaultEveryMs, context.signal);
  }
}
