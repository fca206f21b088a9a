import { isCloudError } from '../../../src/cloud/errors.ts';
import type { Tags } from '../attributes.ts';

/** kops cuts long names, so that two hyphens can stand in a row. ELB takes that; emulators of it do not, and get the name with one of them. */
function single(name: string): string {
  return name.replaceAll(/-+/g, '-');
}

/** Makes a target group under its name, or under the one that is taken in its place. Throws what `make` throws. */
export async function underItsName<Answer>(name: string, make: (name: string) => Promise<Answer>): Promise<Answer> {
  try {
    return await make(name);
  } catch (error) {
    if (single(name) === name || !isCloudError(error, 'invalid')) throw error;
    return make(single(name));
  }
}

/** Every name under which it can be there. */
export function possibleNames(name: string): string[] {
  return [...new Set([name, single(name)])];
}

/** The name that was asked for: its tag `Name` has it whatever it is called. */
export function nameAskedFor(name: string, tags: Tags): string {
  const asked = tags.Name ?? name;
  return single(asked) === name ? asked : name;
}
