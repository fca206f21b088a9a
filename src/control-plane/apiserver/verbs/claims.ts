import type { KubeObject } from '../../../kube/objects.ts';
import { StatusError } from '../../../kube/status.ts';
import type { KindStrategy } from '../kinds/strategy.ts';
import type { Claims } from '../storage/storage.ts';

/** What a write from `old` to `object` takes and gives up (undefined: there is none before, or after); undefined for kinds without claims. */
export function claimsOf({ claims }: KindStrategy, object: KubeObject | undefined, old: KubeObject | undefined): Claims | undefined {
  if (!claims) return undefined;
  const [wanted, held] = [object ? claims(object) : [], old ? claims(old) : []];
  return { take: wanted.filter((claim) => !held.includes(claim)), release: held.filter((claim) => !wanted.includes(claim)) };
}

/** How often something is chosen that another API server takes in the same moment. */
export const claimAttempts = 8;

export function claimsContended(name: string): StatusError {
  return new StatusError('InternalError', `Internal error occurred: failed to allocate what ${name} needs: it was taken by others ${claimAttempts} times`);
}
