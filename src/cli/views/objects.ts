import { formatYaml } from '../../lib/yaml.ts';

/** JSON of any value, as printed by -o json. */
export function formatJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Keys sorted, as kops prints them. Several objects: YAML documents, or a JSON array. One that was asked for by name: a single document. */
export function formatObjects(objects: readonly object[], output: 'json' | 'yaml', single = false): string {
  if (output === 'json') return formatJson(single ? objects[0] : objects);
  return objects.map((object) => formatYaml(object, { sortKeys: true })).join('---\n');
}

export function formatNames(objects: readonly { kind: string; metadata: { name: string } }[]): string {
  return objects.map((object) => `${object.kind.toLowerCase()}/${object.metadata.name}\n`).join('');
}
