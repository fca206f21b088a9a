import { isPlainObject } from '../../src/lib/json.ts';

interface Named {
  kind: string;
  metadata: { name: string };
}

/** `InstanceGroup/nodes spec.minSize: 2, expected 1` for every place where the objects differ; their order does not matter, that of lists does. */
export function differences(actual: readonly Named[], expected: readonly Named[]): string[] {
  const ours = byName(actual);
  const theirs = byName(expected);
  const names = [...new Set([...theirs.keys(), ...ours.keys()])];
  return names.flatMap((name) => {
    if (!ours.has(name)) return [`${name} is missing`];
    if (!theirs.has(name)) return [`${name} is not expected`];
    return compare(ours.get(name), theirs.get(name), '').map((difference) => `${name}${difference}`);
  });
}

function byName(objects: readonly Named[]): Map<string, unknown> {
  return new Map(objects.map((object) => [`${object.kind}/${object.metadata.name}`, normalized(object)]));
}

/** Without what is different on purpose: see README.md, "Deliberate differences". */
function normalized(object: Named): unknown {
  const { creationTimestamp: _, ...metadata } = object.metadata as { name: string; creationTimestamp?: string };
  const { spec } = object as { spec?: Record<string, unknown> };
  const configBase = typeof spec?.configBase === 'string' ? spec.configBase.replace(/^\w+:\/\//, 'STORE://') : undefined;
  return { ...object, metadata, spec: { ...spec, ...(configBase === undefined ? {} : { configBase }) } };
}

function compare(actual: unknown, expected: unknown, path: string): string[] {
  if (isPlainObject(actual) && isPlainObject(expected)) {
    return [...new Set([...Object.keys(expected), ...Object.keys(actual)])].flatMap((key) => compare(actual[key], expected[key], path === '' ? ` ${key}` : `${path}.${key}`));
  }
  if (Array.isArray(actual) && Array.isArray(expected)) {
    return Array.from({ length: Math.max(actual.length, expected.length) }, (_, i) => compare(actual[i], expected[i], `${path}[${i}]`)).flat();
  }
  if (actual === expected) return [];
  return [`${path}: ${show(actual)}, expected ${show(expected)}`];
}

function show(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value);
}
