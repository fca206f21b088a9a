import { truncateName } from '../model/names.ts';

/**
 * Whether a name could be one that the model gave to something of this cluster: `WORDS.CLUSTER`, cut with a hash where it is longer than
 * `limit`. For services that list by name only; tags have the last word.
 */
export function mayBeNameOf(cluster: string, name: string, limit: number): boolean {
  const ending = `.${cluster}`;
  if (name.endsWith(ending)) return true;
  if (name.length !== limit) return false;
  // What stands before the cut ends somewhere within the cluster's name.
  const [kept = ''] = name.split(/-[0-9a-v]{6}$/);
  for (let at = kept.indexOf('.'); at >= 0; at = kept.indexOf('.', at + 1)) {
    if (ending.startsWith(kept.slice(at)) && truncateName(`${kept.slice(0, at)}${ending}`, limit) === name) return true;
  }
  return false;
}
