import type { WatchEventType } from '../../../kube/client.ts';
import type { StoredObject } from './stored-object.ts';

/** A change of one object; shared by all watchers, its stream line encoded at most once for each type it is seen as. */
export class WatchEvent {
  readonly type: WatchEventType;
  readonly stored: StoredObject;
  /** The state before, for selectors that an object enters or leaves. */
  readonly previous: StoredObject | undefined;
  private line: Uint8Array | undefined;
  private entered: WatchEvent | undefined;
  private left: WatchEvent | undefined;

  constructor(type: WatchEventType, stored: StoredObject, previous?: StoredObject) {
    this.type = type;
    this.stored = stored;
    this.previous = previous;
  }

  encoded = (): Uint8Array => {
    this.line ??= encodeLine(this.type, this.stored.encoded());
    return this.line;
  };

  /** The same change for a selector that matches only now. */
  asAdded(): WatchEvent {
    this.entered ??= new WatchEvent('ADDED', this.stored);
    return this.entered;
  }

  /** The same change for a selector that matches no longer: the old state goes, at the new revision. */
  asDeleted(): WatchEvent {
    this.left ??= new WatchEvent('DELETED', (this.previous ?? this.stored).at(this.stored.revision));
    return this.left;
  }
}

/** One line of a watch stream. */
export function encodeLine(type: string, object: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`{"type":"${type}","object":`), object, Buffer.from('}\n')]);
}
