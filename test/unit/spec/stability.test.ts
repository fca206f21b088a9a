import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignStable } from '../../../src/spec/assign.ts';
import { completeCluster } from '../../../src/spec/complete.ts';
import { newCluster } from '../../../src/spec/new-cluster.ts';
import { checkShape } from '../../../src/spec/schema.ts';
import type { SubnetSpec } from '../../../src/spec/types.ts';
import { validateCompleted } from '../../../src/spec/validate.ts';
import { catalog, context, providerSpec } from './test-provider.ts';

const zones = ['us-test-1a', 'us-test-1b', 'us-test-1c'];
const options = fc.record({
  zones: fc.shuffledSubarray(zones, { minLength: 1 }),
  controlPlaneCount: fc.constantFrom(1, 3, 5),
  nodeCount: fc.integer({ min: 0, max: 20 }),
  networking: fc.constantFrom('cilium', 'calico', 'kindnet', 'amazonvpc', 'flannel-udp'),
});

describe('whatever create cluster is told', () => {
  it('makes specs that are valid, whole, and stay what they are', () => {
    fc.assert(
      fc.property(options, (wish) => {
        const user = newCluster({ name: 'a.k8s.local', cloud: 'test', configBase: 'memory://x', ...wish });
        const completed = completeCluster(user, context);
        expect(validateCompleted(completed, catalog, providerSpec)).toEqual([]);
        expect([completed.cluster, ...completed.instanceGroups].flatMap((object) => checkShape(object, 'it'))).toEqual([]);
        const stored = assignStable(user, completed);
        const again = completeCluster(stored, context);
        expect(again.cluster.spec).toEqual(completed.cluster.spec);
        expect(again.instanceGroups).toEqual(completed.instanceGroups);
        expect(assignStable(stored, again)).toEqual(stored);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps every block when zones are added in any order', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(zones, { minLength: 2 }), (order) => {
        let user: Parameters<typeof completeCluster>[0] = newCluster({ name: 'a.k8s.local', cloud: 'test', configBase: 'memory://x', zones: order.slice(0, 1) });
        const blocks = new Map<string, string | undefined>();
        for (const zone of order) {
          const subnets: SubnetSpec[] = user.cluster.spec.subnets ?? [];
          const more = subnets.some((subnet) => subnet.name === zone) ? subnets : [...subnets, { name: zone, type: 'Public' as const, zone }];
          user = { ...user, cluster: { ...user.cluster, spec: { ...user.cluster.spec, subnets: more } } };
          user = assignStable(user, completeCluster(user, context));
          for (const subnet of user.cluster.spec.subnets ?? []) {
            expect(subnet.cidr).toBeDefined();
            if (blocks.has(subnet.name)) expect(subnet.cidr).toBe(blocks.get(subnet.name));
            blocks.set(subnet.name, subnet.cidr);
          }
        }
        expect(new Set(blocks.values()).size).toBe(order.length);
      }),
    );
  });
});
