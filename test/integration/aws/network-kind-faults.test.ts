import { afterAll, beforeAll, describe, it } from 'vitest';
import { motoMissing } from '../moto.ts';
import { type AwsWorld, awsWorld } from './compute-world.ts';
import { everyFault } from './every-fault.ts';
import type { KindCase } from './kind-case.ts';
import { networkCaseNames, networkCases } from './network-cases.ts';

let world: AwsWorld;
let cases: Record<string, KindCase>;

describe.skipIf(motoMissing)(`calls for networks that fail, one after the other${motoMissing}`, () => {
  beforeAll(async () => {
    world = await awsWorld();
    cases = await networkCases(world);
  });
  afterAll(() => world?.stop());

  it.each(networkCaseNames)('%s: whichever call of its creation, change or deletion fails, and however: it converges, with nothing doubled and nothing left', async (name) => {
    await everyFault(world, cases[name] as KindCase);
  });
});
