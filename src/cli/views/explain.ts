import { isPlainObject } from '../../lib/json.ts';
import { table } from '../../lib/text.ts';
import { formatPath, type Segment } from '../../spec/path.ts';
import type { CompletedCluster, KopsObject, Provenance, ValueSource } from '../../spec/types.ts';

interface Explained {
  object: string;
  path: string;
  value: unknown;
  source: ValueSource;
}

/** Every single value of the completed specs with its source: the user, a default of kops-ts, or the cloud. */
export function explain({ cluster, instanceGroups, provenance }: CompletedCluster): Explained[] {
  return [...explainObject(cluster, provenance.cluster), ...instanceGroups.flatMap((group) => explainObject(group, provenance.instanceGroups[group.metadata.name] ?? {}))];
}

/** Columns OBJECT FIELD VALUE SOURCE. */
export function formatExplained(completed: readonly CompletedCluster[]): string {
  const rows = completed.flatMap(explain).map(({ object, path, value, source }) => [object, path, JSON.stringify(value), source]);
  return table([['OBJECT', 'FIELD', 'VALUE', 'SOURCE'], ...rows]);
}

function explainObject(object: KopsObject, provenance: Provenance): Explained[] {
  const name = `${object.kind}/${object.metadata.name}`;
  return leaves(object.spec, ['spec'], 'user', provenance).map((leaf) => ({ object: name, ...leaf }));
}

/** A path without a source of its own has its parent's. */
function leaves(value: unknown, path: readonly Segment[], inherited: ValueSource, provenance: Provenance): Omit<Explained, 'object'>[] {
  const text = formatPath(path);
  const source = provenance[text] ?? inherited;
  const children: [Segment, unknown][] = Array.isArray(value) ? [...value.entries()] : isPlainObject(value) ? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)) : [];
  if (children.length === 0) return value === undefined ? [] : [{ path: text, value, source }];
  return children.flatMap(([name, child]) => leaves(child, [...path, name], source, provenance));
}
