import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AwsApi } from '../../../providers/aws/api/clients.ts';
import { createAwsProvider } from '../../../providers/aws/provider.ts';
import { type ConformanceCloud, providerConformance } from '../../../src/cloud/conformance.ts';
import { motoMissing, startMoto } from '../moto.ts';
import { hastyEnvironment } from './aws-cloud.ts';
import { clusterInput, configBase } from './cluster.ts';

describe.skipIf(motoMissing !== '')(`aws${motoMissing}`, () => {
  let moto: { endpoint: string; stop(): Promise<void> };

  beforeAll(async () => {
    moto = await startMoto();
  });
  afterAll(() => moto?.stop());

  async function open(): Promise<ConformanceCloud> {
    await (await fetch(`${moto.endpoint}/moto-api/reset`, { method: 'POST' })).arrayBuffer();
    process.env.AWS_ENDPOINT_URL = moto.endpoint;
    const environment = hastyEnvironment(moto.endpoint);
    const aws = new AwsApi('us-east-1', environment);
    await (await aws.service('s3')).createBucket({ Bucket: 'state' });
    const provider = createAwsProvider(aws, { signal: environment.signal, configBase });
    const input = await clusterInput(provider);
    return { provider, input, settle: () => environment.clock.sleep(1_000), close: () => provider.close() };
  }

  providerConformance('aws', open, { describe, it, expect }, { forgotten: ['Subnet.privateDnsHostnameTypeOnLaunch'], faultEvery: 0 });
});
