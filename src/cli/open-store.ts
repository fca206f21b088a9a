import type { Environment } from '../lib/environment.ts';
import { type ClusterStore, createClusterStore } from '../state/cluster-store.ts';
import { openObjectStore } from '../state/open-object-store.ts';

/** The clusters of a state store; close it when done. */
export async function openClusterStore(url: string, environment: Environment): Promise<{ store: ClusterStore; close(): Promise<void> }> {
  const objects = await openObjectStore(url, environment);
  return { store: createClusterStore(objects, environment.clock), close: () => objects.close() };
}
