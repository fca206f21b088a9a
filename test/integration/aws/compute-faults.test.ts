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
const faults: Fault[] = ['throttled', 'denied', 'reset', 'lostAnswer'];

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

  it.each(caseNames)('%s: whichever call fails, the next attempt goes on; nothing is doubled, nothing is left', { timeout: 120_000 }, async (name) => {
    const { kind, resource } = cases[name] as KindCase;
    const wanted = { ...resource, cluster } as WantedResource<AwsKindName>;
    for (const fault of faults) {
      const create = (nth: number) => attempts({ nth, fault }, () => kind.create(world.aws, wanted, world.context));
      const made = async () => (await find(kind, wanted.name)) as ActualResource;
      for (let nth = 1, reached = true; reached; nth++) {
        reached = await create(nth);
        const there = await made();
        expect(there && differingFields(wanted.attributes, there, kind), `after call ${nth} of its creation: ${fault}`).toEqual([]);
        await attempts({ nth, fault }, () => kind.delete(world.aws, there, world.context));
        expect(await made(), `after call ${nth} of its deletion: ${fault}`).toBeUndefined();
      }
    }
  });
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
