import type { KubeObject } from '../../../kube/objects.ts';
import { deepFreeze } from '../../../lib/json.ts';

const metadataStart = Buffer.from('"metadata":{');

/** One version of an object: the parsed object, frozen and shared, and its JSON, made at most once. */
export class StoredObject {
  readonly key: string;
  readonly object: KubeObject;
  readonly revision: number;
  /** As it stands in the store: without resourceVersion. */
  readonly value: Uint8Array;
  private bytes: Uint8Array | undefined;

  constructor(key: string, object: KubeObject, value: Uint8Array, revision: number) {
    this.key = key;
    this.value = value;
    this.revision = revision;
    this.object = deepFreeze({ ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } });
  }

  /** JSON with resourceVersion filled in; every reader gets the same bytes. */
  encoded = (): Uint8Array => {
    this.bytes ??= withRevision(this.value, this.revision);
    return this.bytes;
  };

  /** The same state under another revision: what a watcher sees when the object goes. */
  at(revision: number): StoredObject {
    return new StoredObject(this.key, this.object, this.value, revision);
  }
}

/** The stored form: apiVersion, kind and metadata lead, so that the resourceVersion can be put in without parsing. */
export function encodeValue(object: KubeObject): Uint8Array {
  const { apiVersion, kind, metadata, ...rest } = object;
  const { resourceVersion: _, ...stored } = metadata;
  return Buffer.from(JSON.stringify({ apiVersion, kind, metadata: stored, ...rest }));
}

export function decodeValue(value: Uint8Array): KubeObject {
  return JSON.parse(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString()) as KubeObject;
}

function withRevision(value: Uint8Array, revision: number): Uint8Array {
  const buffer = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const at = buffer.indexOf(metadataStart) + metadataStart.length;
  return Buffer.concat([buffer.subarray(0, at), Buffer.from(`"resourceVersion":"${revision}",`), buffer.subarray(at)]);
}
