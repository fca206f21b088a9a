import type { KubeClient } from '../../kube/client.ts';
import type { ConfigMap, Secret } from '../../kube/objects.ts';
import { resourceTypes } from '../../kube/resource-types.ts';
import type { Clock } from '../../lib/clock.ts';

interface Cached {
  readAtMs: number;
  value: Promise<ConfigMap | Secret>;
}

/** How long a read is shared: a burst of pods of one Deployment costs one read, and a change is seen by the next pod. */
const sharedForMs = 500;

/** Config maps and secrets that pods refer to. Rejects with the server's Status. */
export class ObjectReader {
  private readonly client: KubeClient;
  private readonly clock: Clock;
  private readonly cache = new Map<string, Cached>();

  constructor(client: KubeClient, clock: Clock) {
    this.client = client;
    this.clock = clock;
  }

  configMap(namespace: string, name: string): Promise<ConfigMap> {
    return this.read<ConfigMap>('configMaps', namespace, name);
  }

  secret(namespace: string, name: string): Promise<Secret> {
    return this.read<Secret>('secrets', namespace, name);
  }

  private read<T extends ConfigMap | Secret>(type: 'configMaps' | 'secrets', namespace: string, name: string): Promise<T> {
    const key = `${type}/${namespace}/${name}`;
    const now = this.clock.now();
    const cached = this.cache.get(key);
    if (cached && now - cached.readAtMs < sharedForMs) return cached.value as Promise<T>;
    this.forgetOld(now);
    const value = this.client.get<T>(resourceTypes[type], namespace, name);
    this.cache.set(key, { readAtMs: now, value });
    value.catch(() => this.cache.delete(key));
    return value;
  }

  private forgetOld(now: number): void {
    for (const [key, cached] of this.cache) {
      if (now - cached.readAtMs < sharedForMs) return;
      this.cache.delete(key);
    }
  }
}
