import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { motoMissing, startMoto } from '../moto.ts';
import { AwsCloud, actionsOf } from './aws-cloud.ts';
import { networkResources } from './network.ts';

describe.skipIf(motoMissing !== '')(`EC2 networks on a real wire${motoMissing}`, () => {
  let moto: { endpoint: string; stop(): Promise<void> };
  let cloud: AwsCloud;

  beforeAll(async () => {
    moto = await startMoto();
  });
  beforeEach(async () => {
    await (await fetch(`${moto.endpoint}/moto-api/reset`, { method: 'POST' })).arrayBuffer();
    cloud = new AwsCloud(moto.endpoint);
  });
  afterAll(() => moto?.stop());

  it('makes what the plan says, and then has nothing to change', async () => {
    const created = await cloud.apply(networkResources());
    expect(created.length).toEqual(networkResources().length);
    await cloud.restart();
    expect(actionsOf(await cloud.plan(networkResources()))).toEqual([]);
  });

  it('deletes everything of its own, and only that', async () => {
    await cloud.apply(networkResources());
    await cloud.delete();
    expect(await cloud.inventory()).toEqual([]);
  });
});
