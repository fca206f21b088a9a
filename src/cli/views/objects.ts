import { KopsError } from '../../lib/errors.ts';
import { formatYaml } from '../../lib/yaml.ts';

/** JSON of any value, as printed by -o json. */
export function formatJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Several objects: YAML documents, or a JSON array. One that was asked for by name: a single document. */
export function formatObjects(objects: readonly object[], output: 'json' | 'yaml', single = false): string {
  if (output === 'json') return formatJson(single ? objects[0] : objects);
  return objects.map((object) => formatYaml(object)).join('---\n');
}

export function formatNames(objects: readonly { kind: string; metadata: { name: string } }[]): string {
  return objects.map((object) => `${object.kind.toLowerCase()}/${object.metadata.name}\n`).join('');
}

export function unknownOutput(output: string, known: readonly string[]): KopsError {
  return new KopsError(`-o ${output} is not known`, { code: 'UNKNOWN_OUTPUT', exit: 'usage', object: output, suggestions: [`Use one of ${known.join(', ')}.`] });
}
