import { formatYaml } from '../lib/yaml.ts';
import type { Change } from '../operations/edit-objects.ts';
import type { Operator } from '../operations/operator.ts';
import { applySettings } from '../spec/set.ts';
import type { KopsObject } from '../spec/types.ts';
import { editWithEditor, withCopy } from './editor.ts';

interface EditFlags {
  set?: string[] | undefined;
  unset?: string[] | undefined;
}

/** How `edit` changes an object: by --set and --unset, else by a person in an editor until `check` accepts it. */
function changeOf<T extends KopsObject>(operator: Operator, flags: EditFlags, check: (changed: T) => Promise<void>): Change<T> {
  const { set = [], unset = [] } = flags;
  if (set.length + unset.length > 0) return (object) => applySettings(object, { set, unset });
  const { variables } = operator.environment;
  return (object) => editWithEditor(object, { variables, interactive: process.stdin.isTTY === true }, check);
}

/** Runs `store` with the change of the user's choice. When it fails, what the person wrote in an editor is kept in a file that the error names. */
export async function applyChange<T extends KopsObject, R>(
  operator: Operator,
  flags: EditFlags,
  check: (changed: T) => Promise<void>,
  store: (change: Change<T>) => Promise<R>,
): Promise<R> {
  const change = changeOf(operator, flags, check);
  let edited: T | undefined;
  try {
    return await store(async (object) => {
      const changed = await change(object);
      edited = changed;
      return changed;
    });
  } catch (error) {
    const byHand = edited !== undefined && flags.set === undefined && flags.unset === undefined;
    throw byHand && edited ? await withCopy(error, edited.metadata.name, formatYaml(edited, { sortKeys: true })) : error;
  }
}
