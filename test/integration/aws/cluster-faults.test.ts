import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AwsKindName } from '../../../providers/aws/attributes.ts';
import { lookUpFacts } from '../../../providers/aws/facts.ts';
import { modelCluster } from '../../../providers/aws/model/model.ts';
import { documentContents } from '../../../providers/aws/resources/managed-file.ts';
import { CloudError } from '../../../src/cloud/errors.ts';
import { resourceKey } from '../../../src/cloud/resource.ts';
import { SeededRandom } from '../../../src/lib/random.ts';
import { motoMissing, startMoto } from '../moto.ts';
import { contentsOfAccount } from './account-contents.ts';
import { AwsCloud, actionsOf, type ChooseFault, faults, never } from './aws-cloud.ts';
import { clusterInput, configBase } from './cluster.ts';
import { caseNames } from './compute-cases.ts';
import { networkCaseNames } from './network-cases.ts';

const zones = ['a', 'b', 'c'];
const onePerCalls = 30;

/** One call in thirty fails, in any of the ways. */
function atRandom(seed: number): ChooseFault {
  const random = new SeededRandom(seed);
  return () => (random.next() * onePerCalls < 1 ? faults[Math.floor(random.next() * faults.length)] : undefined);
}

/** What is denied ends a run; somebody grants it, and starts another. */
async function untilGranted(cloud: AwsCloud, work: () => Promise<unknown>): Promise<void> {
  for (let run = 1; ; run++) {
    try {
      await cloud.restart();
      await work();
      return;
    } catch (error) {
      const cause = error instanceof CloudError ? error : (error as Error).cause;
      if (run === 50 || !(cause instanceof CloudError && cause.class === 'denied')) throw error;
    }
  }
}

/** Everything that an account has, whosever it is, by kind. */
async function contents(cloud: AwsCloud): Promise<Record<string, string[]>> {
  const kinds: AwsKindName[] = [...networkCaseNames, ...caseNames].filter((kind) => kind !== 'ManagedFile');
  return Object.fromEntries(await Promise.all(kinds.map(async (kind) => [kind, (await contentsOfAccount(cloud.aws, kind)).sort()] as const)));
}

describe.skipIf(motoMissing !== '')(`calls of a whole cluster that fail on a real wire${motoMissing}`, () => {
  let moto: { endpoint: string; stop(): Promise<void> };

  beforeAll(async () => {
    moto = await startMoto();
  });
  afterAll(() => moto?.stop());

  it.each([1, 2])(
    'a private cluster with three control planes converges, with nothing doubled and nothing left, whichever calls fail (seed %s)',
    { timeout: 120_000 },
    async (seed) => {
      await (await fetch(`${moto.endpoint}/moto-api/reset`, { method: 'POST' })).arrayBuffer();
      const { aws } = new AwsCloud(moto.endpoint);
      await (await aws.service('s3')).createBucket({ Bucket: 'state' });
      const input = await clusterInput({ facts: (_name, request) => lookUpFacts(aws, request, never) }, zones);
      const desired = modelCluster(input);
      const cloud = new AwsCloud(moto.endpoint, { configBase, contents: () => documentContents(input.documents) });
      const before = await contents(cloud);
      cloud.failCalls(atRandom(seed));
      await untilGranted(cloud, () => cloud.apply(desired));
      cloud.failCalls(() => undefined);
      // moto keeps ip-name whatever is asked for.
      expect(actionsOf(await cloud.plan(desired)).filter((action) => !/^update Subnet\/.* privateDnsHostnameTypeOnLaunch$/.test(action))).toEqual([]);
      expect((await cloud.inventory()).map(resourceKey).sort()).toEqual(desired.map(resourceKey).sort());
      cloud.failCalls(atRandom(-seed));
      await untilGranted(cloud, () => cloud.delete());
      cloud.failCalls(() => undefined);
      expect(await cloud.inventory()).toEqual([]);
      expect(await contents(cloud)).toEqual(before);
    },
  );
});
