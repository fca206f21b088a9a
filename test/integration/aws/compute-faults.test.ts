import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AwsServices } from '../../../providers/aws/api/clients.ts';
import type { AwsKindName } from '../../../providers/aws/attributes.ts';
import type { AwsKind, WantedResource } from '../../../providers/aws/resources/aws-kind.ts';
import { Inventory } from '../../../providers/aws/resources/inventory.ts';
import { differingFields } from '../../../src/cloud/differences.ts';
import { isCloudError } from '../../../src/cloud/errors.ts';
import type { ActualResource } from '../../../src/cloud/resource.ts';
import { motoMissing } from '../moto.ts';
import { type Fault, injectFaults } from './aws-cloud.ts';
import { caseNames, type KindCase, kindCases } from './compute-cases.ts';
import { type AwsWorld, awsWorld, cluster } from './compute-world.ts';

const services: (keyof AwsServices)[] = ['autoscaling', 'ec2', 'elbv2', 'iam', 'route53', 'sqs', 'events', 's3'];
/** Every call loses its answer once: the hardest; and fails in one of the other ways. */
const otherFaults: readonly Fault[] = ['throttled', 'denied', 'reset'];
const faultsOf = (nth: number): Fault[] => ['lostAnswer', otherFaults[nth % otherFaults.length] as Fault];

let world: AwsWorld;
let cases: Record<string, KindCase>;
let calls = 0;
let failing: { nth: number; fault: Fault } | undefined;

describe.skipIf(motoMissing)(`calls that fail, one after the other${motoMissing}`, () => {
  beforeAll(async () => {
    world = await awsWorld();
    cases = await kindCases(world);
    await injectFaults(world.aws, services, () => (++calls === failing?.nth ? failing.fault : undefined));
  });
  afterAll(() => world.stop());

  it.each(caseNames)(
    '%s: whichever call of its creation, change or deletion fails, the next attempt goes on; nothing is doubled, nothing is left',
    { timeout: 120_000 },
    async (name) => {
      const { kind, resource, changes } = cases[name] as KindCase;
      const wanted = { ...resource, cluster } as WantedResource<AwsKindName>;
      const changed = { ...wanted, attributes: { ...wanted.attributes, ...changes[0] } };
      const { aws, context } = world;
      for (let nth = 1, reached = true; reached; nth++) {
        for (const fault of faultsOf(nth)) {
          const when = `call ${nth}: ${fault}`;
          reached = await attempts({ nth, fault }, () => kind.create(aws, wanted, context));
          const there = await find(kind, wanted.name);
          expect(there && differingFields(wanted.attributes, there, kind), `creation, ${when}`).toEqual([]);
          if (!there) return;
          const fields = differingFields(changed.attributes, there, kind);
          if (kind.update && fields.length > 0) reached = (await attempts({ nth, fault }, async () => kind.update?.(aws, there, changed, fields, context))) || reached;
          const then = await find(kind, wanted.name);
          expect(then && differingFields(changed.attributes, then, kind), `change of ${fields}, ${when}`).toEqual([]);
          await attempts({ nth, fault }, () => kind.delete(aws, then ?? there, context));
          expect(await find(kind, wanted.name), `deletion, ${when}`).toBeUndefined();
        }
      }
    },
  );
});

/** Repeats what fails for a time, or for want of a permission that is given then. Says whether there was such a call. */
async function attempts(fault: { nth: number; fault: Fault }, work: () => Promise<unknown>): Promise<boolean> {
  calls = 0;
  failing = fault;
  for (let left = 4; ; left--) {
    try {
      await work();
      const reached = calls >= fault.nth;
      failing = undefined;
      return reached;
    } catch (error) {
      if (!isCloudError(error) || left === 0 || !(error.retryable || error.class === 'denied')) throw error;
    }
  }
}

async function find(kind: AwsKind, name: string): Promise<ActualResource | undefined> {
  const all = await kind.list(new Inventory(world.aws, cluster, world.context.signal));
  const same = all.filter((resource) => resource.name === name);
  expect(same.length, `${kind.kind} ${name} is there once at most`).toBeLessThan(2);
  return same[0];
}
