import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KubeClient, WatchEventType } from '../../src/kube/client.ts';
import type { ConfigMap, Deployment, KubeObject, Pod, Service } from '../../src/kube/objects.ts';
import { resourceTypes } from '../../src/kube/resource-types.ts';
import { isStatus } from '../../src/kube/status.ts';

export interface ClientUnderTest {
  client: KubeClient;
  close(): Promise<void>;
}

const { configMaps, pods, deployments, services, namespaces } = resourceTypes;

const configMap = (name: string, data: Record<string, string> = {}, labels?: Record<string, string>): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default', ...(labels && { labels }) },
  data,
});

const pod = (name: string, spec: Partial<Pod['spec']> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { containers: [{ name: 'main', image: 'nginx:1.27' }], ...spec },
});

const deployment = (name: string): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'default' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image: 'nginx:1.27' }] } },
  },
});

/** Collects a watch; `until` resolves when the collected events satisfy the test. */
export function collect(client: KubeClient, type: Parameters<KubeClient['watch']>[0], options: Parameters<KubeClient['watch']>[1]) {
  const events: { type: WatchEventType; object: KubeObject }[] = [];
  let check = () => {};
  let ended: { error: Error | undefined } | undefined;
  const watch = client.watch(type, options, {
    event: (kind, object) => {
      if (kind !== 'BOOKMARK') events.push({ type: kind, object });
      check();
    },
    end: (error) => {
      ended = { error };
      check();
    },
  });
  const until = (test: () => boolean) =>
    new Promise<void>((resolve) => {
      check = () => test() && resolve();
      check();
    });
  return { events, stop: () => watch.stop(), seen: (count: number) => until(() => events.length >= count), end: () => until(() => ended !== undefined).then(() => ended?.error) };
}

/** What every KubeClient does, whatever carries its requests. */
export function kubeClientContract(name: string, open: () => Promise<ClientUnderTest>): void {
  describe(`KubeClient: ${name}`, () => {
    let under: ClientUnderTest;
    let client: KubeClient;

    beforeEach(async () => {
      under = await open();
      client = under.client;
    });
    afterEach(() => under.close());

    it('creates, reads, updates and deletes', async () => {
      const created = await client.create(configMaps, configMap('a', { x: '1' }));
      expect(created.metadata).toMatchObject({
        name: 'a',
        namespace: 'default',
        uid: expect.any(String),
        resourceVersion: expect.any(String),
        creationTimestamp: expect.any(String),
      });
      expect(await client.get(configMaps, 'default', 'a')).toEqual(created);
      const updated = await client.update(configMaps, { ...created, data: { x: '2' } });
      expect(updated.data).toEqual({ x: '2' });
      expect(Number(updated.metadata.resourceVersion)).toBeGreaterThan(Number(created.metadata.resourceVersion));
      await client.delete(configMaps, 'default', 'a');
      await expect(client.get(configMaps, 'default', 'a')).rejects.toSatisfy((error) => isStatus(error, 'NotFound'));
    });

    it('gives frozen objects and keeps none of the callers', async () => {
      const mine = configMap('a', { x: '1' });
      const created = await client.create(configMaps, mine);
      expect(Object.isFrozen(created) && Object.isFrozen(created.metadata)).toBe(true);
      mine.data = { x: 'changed' };
      expect((await client.get<ConfigMap>(configMaps, 'default', 'a')).data).toEqual({ x: '1' });
    });

    it('names the failures as Kubernetes does', async () => {
      await client.create(configMaps, configMap('a'));
      await expect(client.create(configMaps, configMap('a'))).rejects.toThrow('configmaps "a" already exists');
      await expect(client.get(deployments, 'default', 'none')).rejects.toThrow('deployments.apps "none" not found');
      await expect(client.delete(pods, 'default', 'none')).rejects.toThrow('pods "none" not found');
      await expect(client.create(pods, pod('p', { containers: [] }))).rejects.toThrow('Pod "p" is invalid: spec.containers: Required value');
    });

    it('refuses a stale update', async () => {
      const created = await client.create(configMaps, configMap('a', { x: '1' }));
      await client.update(configMaps, { ...created, data: { x: '2' } });
      const stale = client.update(configMaps, { ...created, data: { x: '3' } });
      await expect(stale).rejects.toThrow(
        'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
      );
    });

    it('lets one of many writers win each version', async () => {
      await client.create(configMaps, configMap('counter', { n: '0' }));
      const increment = async (): Promise<void> => {
        const current = await client.get<ConfigMap>(configMaps, 'default', 'counter');
        try {
          await client.update(configMaps, { ...current, data: { n: String(Number(current.data?.n) + 1) } });
        } catch (error) {
          if (!isStatus(error, 'Conflict')) throw error;
          await increment();
        }
      };
      await Promise.all(Array.from({ length: 8 }, increment));
      expect((await client.get<ConfigMap>(configMaps, 'default', 'counter')).data).toEqual({ n: '8' });
    });

    it('merges, and applies JSON patches', async () => {
      await client.create(configMaps, configMap('a', { x: '1', y: '2' }));
      const merged = await client.patch<ConfigMap>(configMaps, 'default', 'a', { data: { x: null, z: '3' } }, 'application/merge-patch+json');
      expect(merged.data).toEqual({ y: '2', z: '3' });
      const patched = await client.patch<ConfigMap>(configMaps, 'default', 'a', [{ op: 'replace', path: '/data/y', value: '9' }], 'application/json-patch+json');
      expect(patched.data).toEqual({ y: '9', z: '3' });
    });

    it('patches concurrently without losing one', async () => {
      await client.create(configMaps, configMap('a'));
      const keys = Array.from({ length: 10 }, (_, index) => `k${index}`);
      await Promise.all(keys.map((key) => client.patch(configMaps, 'default', 'a', { data: { [key]: 'x' } }, 'application/merge-patch+json')));
      expect(Object.keys((await client.get<ConfigMap>(configMaps, 'default', 'a')).data ?? {}).sort()).toEqual(keys);
    });

    it('merges lists by their keys strategically', async () => {
      await client.create(deployments, deployment('web'));
      const patch = { spec: { template: { spec: { containers: [{ name: 'side', image: 'busybox:1' }] } } } };
      const patched = await client.patch<Deployment>(deployments, 'default', 'web', patch, 'application/strategic-merge-patch+json');
      expect(patched.spec.template.spec.containers.map((container) => container.name).sort()).toEqual(['main', 'side']);
      expect(patched.metadata.generation).toBe(2);
    });

    it('generates names', async () => {
      const { name: _, ...metadata } = configMap('').metadata;
      const made = await client.create(configMaps, { ...configMap(''), metadata: { ...metadata, generateName: 'gen-' } as KubeObject['metadata'] });
      expect(made.metadata.name).toMatch(/^gen-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    });

    it('keeps status and spec apart', async () => {
      const created = await client.create(pods, pod('p'));
      expect(created.status?.phase).toBe('Pending');
      await client.update(pods, { ...created, status: { phase: 'Running' } });
      expect((await client.get<Pod>(pods, 'default', 'p')).status?.phase).toBe('Pending');
      const current = await client.get<Pod>(pods, 'default', 'p');
      const updated = await client.update(pods, { ...current, spec: { ...current.spec, nodeName: 'x' }, status: { ...current.status, phase: 'Running' } } as Pod, {
        subresource: 'status',
      });
      expect(updated.status?.phase).toBe('Running');
      expect(updated.spec.nodeName).toBeUndefined();
    });

    it('lists by namespace, label and field, in pages', async () => {
      await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } });
      for (const name of ['a', 'b', 'c']) await client.create(configMaps, configMap(name, {}, { app: name, tier: 'x' }));
      await client.create(configMaps, { ...configMap('d'), metadata: { name: 'd', namespace: 'other' } });
      const names = async (options: Parameters<KubeClient['list']>[1]) => (await client.list(configMaps, options)).items.map((item) => item.metadata.name);
      expect(await names({ namespace: 'default' })).toEqual(['a', 'b', 'c']);
      expect(await names({})).toEqual(['a', 'b', 'c', 'd']);
      expect(await names({ labelSelector: 'app in (a, c),tier=x' })).toEqual(['a', 'c']);
      expect(await names({ fieldSelector: 'metadata.name!=b', namespace: 'default' })).toEqual(['a', 'c']);
      await expect(client.list(configMaps, { fieldSelector: 'spec.x=1' })).rejects.toThrow('"spec.x" is not a known field selector: only "metadata.name", "metadata.namespace"');
      const first = await client.list(configMaps, { limit: 3 });
      expect(first.metadata.remainingItemCount).toBe(1);
      await client.create(configMaps, configMap('aa'));
      const second = await client.list(configMaps, { limit: 3, continue: first.metadata.continue as string });
      expect([...first.items, ...second.items].map((item) => item.metadata.name)).toEqual(['a', 'b', 'c', 'd']);
      expect(second.metadata.continue).toBeUndefined();
    });

    it('watches: what is there first, then every change in order', async () => {
      await client.create(configMaps, configMap('a'));
      const watch = collect(client, configMaps, { namespace: 'default' });
      await watch.seen(1);
      const b = await client.create(configMaps, configMap('b'));
      await client.update(configMaps, { ...b, data: { x: '1' } });
      await client.delete(configMaps, 'default', 'b');
      await watch.seen(4);
      watch.stop();
      expect(watch.events.map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual(['ADDED a', 'ADDED b', 'MODIFIED b', 'DELETED b']);
      const versions = watch.events.map(({ object }) => Number(object.metadata.resourceVersion));
      expect(versions).toEqual([...versions].sort((x, y) => x - y));
    });

    it('resumes a watch from a version, and says when that is too old', async () => {
      const a = await client.create(configMaps, configMap('a'));
      await client.create(configMaps, configMap('b'));
      const watch = collect(client, configMaps, { resourceVersion: a.metadata.resourceVersion as string });
      await watch.seen(1);
      watch.stop();
      expect(watch.events.map(({ object }) => object.metadata.name)).toEqual(['b']);
      const names = Array.from({ length: 50 }, (_, index) => `many-${index}`);
      await Promise.all(names.map((name) => client.create(configMaps, configMap(name))));
      for (let round = 0; round < 42; round++) {
        await Promise.all(names.map((name) => client.patch(configMaps, 'default', name, { data: { round: String(round) } }, 'application/merge-patch+json')));
      }
      const gone = collect(client, configMaps, { resourceVersion: a.metadata.resourceVersion as string });
      expect(isStatus(await gone.end(), 'Expired')).toBe(true);
    });

    it('shows a selector what enters and leaves it', async () => {
      const watch = collect(client, configMaps, { labelSelector: 'app=web' });
      const created = await client.create(configMaps, configMap('a', { x: '1' }));
      const entered = await client.update(configMaps, { ...created, metadata: { ...created.metadata, labels: { app: 'web' } } });
      await client.update(configMaps, { ...entered, metadata: { ...entered.metadata, labels: {} } });
      await watch.seen(2);
      watch.stop();
      expect(watch.events.map(({ type, object }) => [type, object.metadata.labels])).toEqual([
        ['ADDED', { app: 'web' }],
        ['DELETED', { app: 'web' }],
      ]);
    });

    it('deletes a bound pod gracefully, an unbound one at once', async () => {
      await client.create(pods, pod('unbound'));
      await client.delete(pods, 'default', 'unbound');
      await expect(client.get(pods, 'default', 'unbound')).rejects.toThrow('not found');
      await client.create(pods, pod('bound'));
      const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'bound', namespace: 'default' }, target: { kind: 'Node', name: 'node-1' } };
      await client.create(pods, binding, { name: 'bound', subresource: 'binding' });
      await expect(client.create(pods, binding, { name: 'bound', subresource: 'binding' })).rejects.toThrow('pod bound is already assigned to node "node-1"');
      const going = await client.delete(pods, 'default', 'bound');
      expect(going.metadata).toMatchObject({ deletionGracePeriodSeconds: 30, deletionTimestamp: expect.any(String) });
      await client.delete(pods, 'default', 'bound', { gracePeriodSeconds: 0, preconditions: { uid: going.metadata.uid as string } });
      await expect(client.get(pods, 'default', 'bound')).rejects.toThrow('not found');
    });

    it('keeps an object until its finalizers are gone', async () => {
      const object = configMap('held');
      object.metadata.finalizers = ['example.com/hold'];
      await client.create(configMaps, object);
      await client.delete(configMaps, 'default', 'held');
      const held = await client.get(configMaps, 'default', 'held');
      expect(held.metadata.deletionTimestamp).toBeDefined();
      await client.update(configMaps, { ...held, metadata: { ...held.metadata, finalizers: [] } });
      await expect(client.get(configMaps, 'default', 'held')).rejects.toThrow('not found');
    });

    it('notes the propagation policy for the garbage collector', async () => {
      await client.create(deployments, deployment('web'));
      await client.delete(deployments, 'default', 'web', { propagationPolicy: 'Foreground' });
      expect((await client.get(deployments, 'default', 'web')).metadata.finalizers).toEqual(['foregroundDeletion']);
    });

    it('honours preconditions', async () => {
      await client.create(configMaps, configMap('a'));
      await expect(client.delete(configMaps, 'default', 'a', { preconditions: { uid: 'another' } })).rejects.toThrow('Precondition failed: UID in precondition: another');
    });

    it('scales', async () => {
      await client.create(deployments, deployment('web'));
      const scale = await client.get<KubeObject & { spec: { replicas: number }; status: { selector: string } }>(deployments, 'default', 'web', { subresource: 'scale' });
      expect(scale).toMatchObject({ kind: 'Scale', spec: { replicas: 2 }, status: { selector: 'app=web' } });
      await client.update(deployments, { ...scale, spec: { replicas: 5 } }, { subresource: 'scale' });
      expect((await client.get<Deployment>(deployments, 'default', 'web')).spec.replicas).toBe(5);
      await client.patch(deployments, 'default', 'web', { spec: { replicas: 3 } }, 'application/merge-patch+json', { subresource: 'scale' });
      const scaled = await client.get<Deployment>(deployments, 'default', 'web');
      expect([scaled.spec.replicas, scaled.metadata.generation]).toEqual([3, 3]);
    });

    it('gives services addresses and takes them back', async () => {
      const service: Service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's', namespace: 'default' }, spec: { ports: [{ port: 80 }], clusterIP: '10.96.0.77' } };
      await client.create(services, service);
      const second = { ...service, metadata: { ...service.metadata, name: 't' } };
      await expect(client.create(services, second)).rejects.toThrow('provided IP is already allocated');
      await client.delete(services, 'default', 's');
      expect((await client.create(services, second)).spec.clusterIP).toBe('10.96.0.77');
    });

    it('tries without doing', async () => {
      await client.create(configMaps, configMap('a'), { dryRun: true });
      await expect(client.get(configMaps, 'default', 'a')).rejects.toThrow('not found');
    });

    it('deletes collections', async () => {
      for (const name of ['a', 'b', 'c']) await client.create(configMaps, configMap(name, {}, { app: name === 'c' ? 'keep' : 'go' }));
      await client.deleteCollection(configMaps, { namespace: 'default', labelSelector: 'app=go' });
      expect((await client.list(configMaps, { namespace: 'default' })).items.map((item) => item.metadata.name)).toEqual(['c']);
    });

    it('writes nothing when nothing changes', async () => {
      const created = await client.create(configMaps, configMap('a', { x: '1' }));
      expect((await client.update(configMaps, created)).metadata.resourceVersion).toBe(created.metadata.resourceVersion);
    });
  });
}
