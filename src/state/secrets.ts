import { isPlainObject } from '../lib/json.ts';
import type { ObjectStore } from './object-store.ts';
import { corruptObject } from './state-errors.ts';
import { type Expectation, writeObject } from './typed-objects.ts';

/** What a cluster keeps secret besides its key sets, each under a name, as kops keeps it: `{"Data": base64}`. */
export interface SecretStore {
  /** Names, sorted. */
  list(): Promise<string[]>;
  /** Throws STATE_CORRUPT for what kops would not read either. */
  get(name: string): Promise<Uint8Array | undefined>;
  /** Throws STATE_EXISTS or STATE_CONFLICT when the expectation does not hold. */
  put(name: string, data: Uint8Array, expectation?: Expectation): Promise<void>;
  /** Gone already is success. */
  delete(name: string): Promise<void>;
}

export function secretStore(objects: ObjectStore, cluster: string): SecretStore {
  const folder = `${cluster}/secrets/`;
  return {
    async list() {
      const { keys } = await objects.list(folder);
      return keys.map((key) => key.slice(folder.length));
    },
    async get(name) {
      const key = `${folder}${name}`;
      const stored = await objects.get(key);
      return stored && parse(objects, key, stored.data);
    },
    async put(name, data, expectation) {
      await writeObject(objects, `${folder}${name}`, Buffer.from(JSON.stringify({ Data: Buffer.from(data).toString('base64') })), expectation);
    },
    delete: (name) => objects.delete(`${folder}${name}`),
  };
}

function parse(objects: ObjectStore, key: string, data: Uint8Array): Uint8Array {
  try {
    const value: unknown = JSON.parse(Buffer.from(data).toString());
    if (isPlainObject(value) && typeof value.Data === 'string') return Buffer.from(value.Data, 'base64');
  } catch (error) {
    throw corruptObject(key, objects.url, 'it is not JSON', error);
  }
  throw corruptObject(key, objects.url, 'it is JSON without "Data"');
}
