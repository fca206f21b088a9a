import { canonicalJson } from '../../../src/lib/json.ts';

export interface Statement {
  Sid: string;
  Effect: 'Allow';
  Action: string[];
  Resource: string[];
  Condition?: Condition;
}

export type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** Statements about the same things under the same conditions are one; numbered where one name has several. */
export class StatementList {
  readonly #byScope = new Map<string, { sid: string; actions: Set<string>; resources: string[]; condition: Condition | undefined }>();

  add(sid: string, actions: readonly string[], resources: readonly string[], condition?: Condition): void {
    const unique = [...new Set(resources)].sort();
    if (actions.length === 0 || unique.length === 0) return;
    const scope = canonicalJson([unique, condition ?? null]);
    const known = this.#byScope.get(scope) ?? { sid, actions: new Set(), resources: unique, condition };
    this.#byScope.set(scope, known);
    for (const action of actions) known.actions.add(action);
  }

  sorted(): Statement[] {
    const counted = new Map<string, number>();
    return [...this.#byScope.values()].map(({ sid, actions, resources, condition }) => {
      const count = (counted.get(sid) ?? 0) + 1;
      counted.set(sid, count);
      return { Sid: count === 1 ? sid : `${sid}${count}`, Effect: 'Allow', Action: [...actions].sort(), Resource: resources, ...(condition ? { Condition: condition } : {}) };
    });
  }
}
