import { canonicalJson, deepEqual } from '../../src/lib/json.ts';

/** Type → name → arguments, as under `resource` in a configuration. References are `@type.name.attribute` in an oracle. */
export type TerraformResources = Record<string, Record<string, Record<string, unknown>>>;

export interface ResourceComparison {
  /** Resources that both have with the same arguments. */
  equal: number;
  /** Resources that either has. */
  total: number;
  differences: string[];
}

/** Not compared: objects in the state store are each tool's own. */
const ignoredTypes = new Set(['aws_s3_object']);

/** Type by type, name by name, argument by argument. */
export function compareResources(actual: TerraformResources, expected: TerraformResources): ResourceComparison {
  const types = [...new Set([...Object.keys(expected), ...Object.keys(actual)])].filter((type) => !ignoredTypes.has(type)).sort();
  const differences: string[] = [];
  let [equal, total] = [0, 0];
  for (const type of types) {
    const [ours, theirs] = [actual[type] ?? {}, expected[type] ?? {}];
    for (const name of [...new Set([...Object.keys(theirs), ...Object.keys(ours)])].sort()) {
      const found = compareArguments(`${type}.${name}`, ours[name], theirs[name]);
      total++;
      if (found.length === 0) equal++;
      differences.push(...found);
    }
  }
  return { equal, total, differences };
}

function compareArguments(name: string, ours: Record<string, unknown> | undefined, theirs: Record<string, unknown> | undefined): string[] {
  if (!ours) return [`${name} is missing`];
  if (!theirs) return [`${name} is not expected`];
  const found = inOracleForm(ours) as Record<string, unknown>;
  return [...new Set([...Object.keys(theirs), ...Object.keys(found)])].sort().flatMap((argument) => {
    if (deepEqual(found[argument], theirs[argument])) return [];
    return [`${name} ${argument}: ${show(found[argument])}, expected ${show(theirs[argument])}`];
  });
}

/** `${aws_vpc.demo.id}` → `@aws_vpc.demo.id` */
function inOracleForm(value: unknown): unknown {
  if (typeof value === 'string') {
    const [, reference] = /^\$\{(.*)\}$/s.exec(value) ?? [];
    return reference === undefined ? value : `@${reference}`;
  }
  if (Array.isArray(value)) return value.map(inOracleForm);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inOracleForm(item)]));
}

function show(value: unknown): string {
  return value === undefined ? 'missing' : canonicalJson(value);
}
