import { canonicalJson } from '../../../src/lib/json.ts';

/** One statement of a policy. `principal` where the policy belongs to what is asked for: a queue, a role. */
export interface PolicyStatement {
  effect: 'Allow' | 'Deny';
  principal?: Readonly<Record<string, string | readonly string[]>>;
  actions: readonly string[];
  resources?: readonly string[];
  condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** Canonical text, so that equal policies are equal texts: keys and lists sorted, a list of one as the value alone. */
export function policyDocument(statements: readonly PolicyStatement[]): string {
  const written = statements.map(({ effect, principal, actions, resources, condition }) => ({
    Effect: effect,
    ...(principal ? { Principal: principal } : {}),
    Action: oneOrMany(actions),
    ...(resources ? { Resource: oneOrMany(resources) } : {}),
    ...(condition ? { Condition: condition } : {}),
  }));
  return canonicalJson({ Version: '2012-10-17', Statement: written });
}

/** What the user wrote: a JSON list of statements. Throws SyntaxError when it is no JSON; validation has said so before. */
export function userPolicyDocument(statements: string): string {
  return canonicalJson({ Version: '2012-10-17', Statement: JSON.parse(statements) });
}

export function allow(actions: readonly string[], resources: readonly string[] = ['*'], condition?: PolicyStatement['condition']): PolicyStatement {
  return { effect: 'Allow', actions, resources, ...(condition ? { condition } : {}) };
}

function oneOrMany(values: readonly string[]): string | string[] {
  const sorted = [...values].sort();
  return sorted.length === 1 ? (sorted[0] ?? '') : sorted;
}
