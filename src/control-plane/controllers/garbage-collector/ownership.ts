import type { ResourceType } from '../../../kube/client.ts';
import type { Informer, SharedInformers } from '../../../kube/informer.ts';
import type { KubeObject } from '../../../kube/objects.ts';
import { deletableResources } from '../all-resources.ts';

export interface Owned {
  type: ResourceType;
  object: KubeObject;
}

export const foregroundFinalizer = 'foregroundDeletion';
export const orphanFinalizer = 'orphan';

/** Who owns whom, over all resources. */
export class Ownership {
  private readonly kinds = new Map<string, { type: ResourceType; informer: Informer }>();
  private readonly uids = new Map<string, Owned>();
  private readonly subscriptions: (() => void)[] = [];

  /** `changed` hears of every object, `gone` of every one that is no more. */
  constructor(informers: SharedInformers, changed: (owned: Owned) => void, gone: (owned: Owned) => void) {
    for (const type of deletableResources()) {
      const informer = informers.for<KubeObject>(type);
      this.kinds.set(kindKey(type), { type, informer });
      informer.addIndex('ownerUids', (object) => (object.metadata.ownerReferences ?? []).map(({ uid }) => uid));
      const put = (object: KubeObject) => {
        const owned = { type, object };
        this.uids.set(object.metadata.uid ?? '', owned);
        changed(owned);
      };
      this.subscriptions.push(
        informer.handle({
          add: put,
          update: (old, object) => {
            if (old.metadata.uid !== object.metadata.uid) this.uids.delete(old.metadata.uid ?? '');
            put(object);
          },
          deleted: (object) => {
            this.uids.delete(object.metadata.uid ?? '');
            gone({ type, object });
          },
        }),
      );
    }
  }

  byUid(uid: string): Owned | undefined {
    return this.uids.get(uid);
  }

  typeOf(apiVersion: string, kind: string): ResourceType | undefined {
    const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
    const known = this.kinds.get(`${group}/${kind}`)?.type;
    return known?.version === version ? known : undefined;
  }

  dependents(uid: string): Owned[] {
    const found: Owned[] = [];
    for (const { type, informer } of this.kinds.values()) for (const object of informer.byIndex('ownerUids', uid)) found.push({ type, object });
    return found;
  }

  stop(): void {
    for (const stop of this.subscriptions) stop();
  }
}

function kindKey({ group, kind }: ResourceType): string {
  return `${group}/${kind}`;
}

export function isDeletedInForeground({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined && (metadata.finalizers?.includes(foregroundFinalizer) ?? false);
}

export function isOrphaning({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined && (metadata.finalizers?.includes(orphanFinalizer) ?? false);
}
