import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeClient } from '../../../src/kube/client.ts';
import type { KubeList, KubeObject } from '../../../src/kube/objects.ts';
import { resourceTypes } from '../../../src/kube/resource-types.ts';
import { isStatus } from '../../../src/kube/status.ts';
import { configMap, startServer } from './server.ts';

const { configMaps } = resourceTypes;

const operation = fc.record({
  kind: fc.constantFrom('put', 'put', 'put', 'delete'),
  name: fc.constantFrom('a', 'b', 'c', 'd'),
  label: fc.constantFrom('x', 'y'),
});

async function perform(client: KubeClient, { kind, name, label }: { kind: string; name: string; label: string }): Promise<void> {
  try {
    if (kind === 'delete') await client.delete(configMaps, 'default', name);
    else await client.patch(configMaps, 'default', name, { metadata: { labels: { label } }, data: { label } }, 'application/merge-patch+json');
  } catch (error) {
    if (!isStatus(error, 'NotFound')) throw error;
    if (kind === 'put') await client.create(configMaps, { ...configMap(name), metadata: { name, namespace: 'default', labels: { label } } });
  }
}

const byName = (objects: Iterable<KubeObject>) => Object.fromEntries([...objects].map((object) => [object.metadata.name, object]));

describe('API server: what a reader pieces together', () => {
  it('is what the server has, whatever the selector and wherever the reader began', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(operation, { maxLength: 25 }),
        fc.nat(25),
        fc.constantFrom('', 'label=x', 'label!=x', 'label in (x,y)'),
        async (operations, begin, labelSelector) => {
          const { client, api } = await startServer();
          const known = new Map<string, KubeObject>();
          let problem = '';
          const follow = (list: KubeList) => {
            for (const object of list.items) known.set(object.metadata.name, object);
            client.watch(
              configMaps,
              { namespace: 'default', labelSelector, resourceVersion: list.metadata.resourceVersion },
              {
                event: (type, object) => {
                  const has = known.has(object.metadata.name);
                  if (type === 'BOOKMARK') return;
                  if ((type === 'ADDED') === has) problem = `${type} of ${object.metadata.name}, which was ${has ? 'known' : 'unknown'}`;
                  if (type === 'DELETED') known.delete(object.metadata.name);
                  else known.set(object.metadata.name, object);
                },
                end: () => {},
              },
            );
          };
          for (const [index, one] of operations.entries()) {
            if (index === begin) follow(await client.list(configMaps, { namespace: 'default', labelSelector }));
            await perform(client, one);
          }
          const now = await client.list(configMaps, { namespace: 'default', labelSelector });
          if (begin < operations.length) expect([problem, byName(known.values())]).toEqual(['', byName(now.items)]);
          api.stop();
        },
      ),
      { numRuns: 25 },
    );
  });

  it('is one state in all pages of a list, whatever is written in between', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(operation, { minLength: 1, maxLength: 15 }),
        fc.array(operation, { maxLength: 10 }),
        fc.integer({ min: 1, max: 3 }),
        async (before, between, limit) => {
          const { client, api } = await startServer();
          for (const one of before) await perform(client, one);
          const whole = await client.list(configMaps, { labelSelector: 'label=x' });
          const found: KubeObject[] = [];
          let next: string | undefined;
          do {
            const page = await client.list(configMaps, { labelSelector: 'label=x', limit, ...(next && { continue: next }) });
            expect(page.items.length).toBeLessThanOrEqual(limit);
            expect(page.metadata.resourceVersion).toBe(whole.metadata.resourceVersion);
            found.push(...page.items);
            next = page.metadata.continue;
            for (const one of between.splice(0, 3)) await perform(client, one);
          } while (next);
          expect(found).toEqual(whole.items);
          api.stop();
        },
      ),
      { numRuns: 25 },
    );
  });
});
