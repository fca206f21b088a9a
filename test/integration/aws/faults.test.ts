import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { lookUpFacts } from '../../../providers/aws/facts.ts';
import { modelCluster } from '../../../providers/aws/model/model.ts';
import { documentContents } from '../../../providers/aws/resources/managed-file.ts';
import type { DesiredResource } from '../../../src/cloud/resource.ts';
import { motoMissing, startMoto } from '../moto.ts';
import { AwsCloud, actionsOf, allServices, type ChooseFault, type Fault, never, untaggedByMoto } from './aws-cloud.ts';
import { clusterInput, configBase } from './cluster.ts';
import { networkResources } from './network.ts';

const desired = networkResources(['us-east-1a']);

/** Applies until it succeeds; a call that is denied ends a run, and somebody grants it. */
async function applyAll(cloud: AwsCloud, desired: readonly DesiredResource[]): Promise<void> {
  await untilGranted(async () => {
    await cloud.restart();
    await cloud.apply(desired);
  });
}

async function untilGranted(work: () => Promise<unknown>): Promise<void> {
  for (let run = 1; ; run++) {
    try {
      await work();
      return;
    } catch (error) {
      if (run === 200 || !/not authorized/.test((error as Error).message)) throw error;
    }
  }
}

/** Each operation fails the first time it is called. */
function oncePerOperation(fault: Fault, failed: Set<string>): ChooseFault {
  return (command) => {
    if (failed.has(command) || !may(fault, command)) return undefined;
    failed.add(command);
    return fault;
  };
}

const faults: readonly Fault[] = ['throttled', 'reset', 'lostAnswer', 'denied'];
/** Of every operation: each fault once, those that leave doubt where everything in the account is counted. */
const ofCluster: readonly Fault[] = ['throttled', 'denied'];
const ofNetwork: readonly Fault[] = ['reset', 'lostAnswer'];
const may = (fault: Fault, command: string) => !(fault === 'lostAnswer' && untaggedByMoto.has(command));

describe.skipIf(motoMissing !== '')(`calls of a whole cluster that fail on a real wire${motoMissing}`, () => {
  let moto: { endpoint: string; stop(): Promise<void> };

  beforeAll(async () => {
    moto = await startMoto();
  });
  afterAll(() => moto?.stop());

  it.each(ofCluster)('a cluster converges, with nothing doubled and nothing left, when the first call of every operation is %s', { timeout: 120_000 }, async (fault) => {
    await (await fetch(`${moto.endpoint}/moto-api/reset`, { method: 'POST' })).arrayBuffer();
    const aws = new AwsCloud(moto.endpoint).aws;
    await (await aws.service('s3')).createBucket({ Bucket: 'state' });
    const input = await clusterInput({ facts: (_name, request) => lookUpFacts(aws, request, never) });
    const desired = modelCluster(input);
    const cloud = new AwsCloud(moto.endpoint, { configBase, contents: () => documentContents(input.documents) });
    const failed = new Set<string>();
    await cloud.failCalls(allServices, oncePerOperation(fault, failed));
    await applyAll(cloud, desired);
    await cloud.failCalls([], () => undefined);
    await cloud.restart();
    // moto keeps ip-name whatever is asked for.
    expect(actionsOf(await cloud.plan(desired)).filter((action) => !/^update Subnet\/.* privateDnsHostnameTypeOnLaunch$/.test(action))).toEqual([]);
    await cloud.failCalls(allServices, oncePerOperation(fault, failed));
    await untilGranted(() => cloud.delete());
    await cloud.failCalls([], () => undefined);
    await cloud.restart();
    expect(await cloud.inventory()).toEqual([]);
    expect(failed.size).toBeGreaterThan(90);
  });
});

describe.skipIf(motoMissing !== '')(`EC2 calls that fail on a real wire${motoMissing}`, () => {
  let moto: { endpoint: string; stop(): Promise<void> };
  let cloud: AwsCloud;

  beforeAll(async () => {
    moto = await startMoto();
    // The first call of a process loads its tables.
    await new AwsCloud(moto.endpoint).inventory();
  });
  beforeEach(async () => {
    await (await fetch(`${moto.endpoint}/moto-api/reset`, { method: 'POST' })).arrayBuffer();
    cloud = new AwsCloud(moto.endpoint);
  });
  afterAll(() => moto?.stop());

  /** Everything that there is, whether it has our tags or not, beside what every account has. */
  async function leftovers(): Promise<Record<string, number>> {
    const ec2 = await new AwsCloud(moto.endpoint).aws.service('ec2');
    const [vpcs, addresses, volumes, gateways, egressOnly, nats, keys] = await Promise.all([
      ec2.describeVpcs({ Filters: [{ Name: 'is-default', Values: ['false'] }] }),
      ec2.describeAddresses({}),
      ec2.describeVolumes({}),
      ec2.describeInternetGateways({}),
      ec2.describeEgressOnlyInternetGateways({}),
      ec2.describeNatGateways({ Filter: [{ Name: 'state', Values: ['available', 'pending'] }] }),
      ec2.describeKeyPairs({}),
    ]);
    return {
      vpcs: vpcs.Vpcs?.length ?? 0,
      addresses: addresses.Addresses?.length ?? 0,
      volumes: volumes.Volumes?.length ?? 0,
      internetGateways: gateways.InternetGateways?.length ?? 0,
      egressOnlyInternetGateways: egressOnly.EgressOnlyInternetGateways?.length ?? 0,
      natGateways: nats.NatGateways?.length ?? 0,
      keyPairs: keys.KeyPairs?.length ?? 0,
    };
  }

  const one = { vpcs: 1, addresses: 1, volumes: 1, internetGateways: 1, egressOnlyInternetGateways: 1, natGateways: 1, keyPairs: 1 };
  const nothing = Object.fromEntries(Object.keys(one).map((name) => [name, 0]));

  async function converges(choose: ChooseFault): Promise<void> {
    const empty = await leftovers();
    await cloud.failCalls(['ec2'], choose);
    await applyAll(cloud, desired);
    await cloud.failCalls([], () => undefined);
    await cloud.restart();
    expect(actionsOf(await cloud.plan(desired))).toEqual([]);
    expect(await leftovers()).toEqual(Object.fromEntries(Object.entries(one).map(([name, count]) => [name, count + (empty[name] ?? 0)])));
    await cloud.failCalls(['ec2'], choose);
    await untilGranted(() => cloud.delete());
    await cloud.failCalls([], () => undefined);
    await cloud.restart();
    expect(await cloud.inventory()).toEqual([]);
    expect(await leftovers()).toEqual({ ...nothing, ...empty });
  }

  it.each(ofNetwork)('converges, with nothing doubled, when the first call of every operation is %s', async (fault) => {
    const all = new Set<string>();
    await converges((command) => void all.add(command));
    const failed = new Set<string>();
    await converges(oncePerOperation(fault, failed));
    expect([...all].filter((command) => may(fault, command) && !failed.has(command))).toEqual([]);
  });

  it.each(faults)('converges, with nothing doubled, whichever call is %s', async (fault) => {
    let fired = true;
    for (let nth = 1 + faults.indexOf(fault) * 9; fired; nth += 60) {
      fired = false;
      let count = 0;
      await cloud.restart();
      await converges((command) => {
        if (++count !== nth) return undefined;
        fired = true;
        return may(fault, command) ? fault : undefined;
      });
    }
  });
});
