import { formatNames, formatObjects } from './objects.ts';

interface Named {
  kind: string;
  metadata: { name: string };
}

/** Objects in the form that -o asks for; `single`: one was asked for by name. */
export function printObjects(objects: readonly Named[], output: string, options: { single: boolean; table: () => string }): string {
  if (output === 'json' || output === 'yaml') return formatObjects(objects, output, options.single);
  return output === 'name' ? formatNames(objects) : options.table();
}
