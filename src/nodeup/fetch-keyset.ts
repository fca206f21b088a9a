import type { Machine } from '../bootstrap/machine.ts';
import { keysetPath } from '../bootstrap/node-documents.ts';
import { type Keyset, parseKeyset } from '../pki/keyset.ts';

/** A key set that was published for control planes. */
export async function fetchKeyset(machine: Machine, name: string): Promise<Keyset> {
  const path = keysetPath(name);
  return parseKeyset(Buffer.from(await machine.fetchDocument(path)).toString(), name, path);
}
