import type { Change } from '../operations/edit-objects.ts';
import type { Operator } from '../operations/operator.ts';
import { applySettings } from '../spec/set.ts';
import type { KopsObject } from '../spec/types.ts';
import { editWithEditor } from './editor.ts';

/** How `edit` changes an object: by --set and --unset, else by a person in an editor until `check` accepts it. */
export function changeOf<T extends KopsObject>(
  operator: Operator,
  flags: { set?: string[] | undefined; unset?: string[] | undefined },
  check: (changed: T) => Promise<void>,
): Change<T> {
  const { set = [], unset = [] } = flags;
  if (set.length + unset.length > 0) return (object) => applySettings(object, { set, unset });
  const { variables } = operator.environment;
  return (object) => editWithEditor(object, { variables, interactive: process.stdin.isTTY === true }, check);
}
