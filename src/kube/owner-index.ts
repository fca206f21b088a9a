import type { Informer } from './informer.ts';
import type { KubeObject } from './objects.ts';
import { controllerOf } from './objects.ts';

/** Objects by the uid of the controller that owns them; `orphans` finds those without one, by namespace. */
export interface OwnerIndex<T extends KubeObject> {
  ownedBy(uid: string): readonly T[];
  orphans(namespace: string): readonly T[];
}

/** Kept by the informer itself: shared by everybody who asks for it. */
export function ownerIndex<T extends KubeObject>(informer: Informer<T>): OwnerIndex<T> {
  informer.addIndex('controllerUid', (object) => {
    const owner = controllerOf(object);
    return [owner ? owner.uid : `orphans/${object.metadata.namespace ?? ''}`];
  });
  return {
    ownedBy: (uid) => informer.byIndex('controllerUid', uid),
    orphans: (namespace) => informer.byIndex('controllerUid', `orphans/${namespace}`),
  };
}
