import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { interruptionSettings } from '../../providers/aws/bootstrap/interruption-settings.ts';
import { createControllers } from '../../providers/aws/controllers.ts';
import { queueName } from '../../providers/aws/model/events.ts';
import type { Interruption } from '../../src/cloud/controllers.ts';
import { silentLog } from '../../src/lib/log.ts';
import { AwsPlace } from './aws-place.ts';
import { motoMissing, startMoto } from './moto.ts';

describe.skipIf(motoMissing !== '')(`interruptions on AWS${motoMissing}`, () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  beforeAll(async () => {
    moto = await startMoto();
  });
  afterAll(() => moto?.stop());

  it('arrive through the queue whose address the node document has, and leave it', async () => {
    const place = new AwsPlace('c1.example.com', moto.endpoint);
    await place.open();
    const [instance] = await place.launch(1);
    const id = instance?.InstanceId ?? '';
    const sqs = await place.aws.service('sqs');
    const { QueueUrl } = await sqs.createQueue({ QueueName: queueName(place.cluster, 'nth') });
    const send = (instanceId: string) => {
      const detail = { 'instance-id': instanceId };
      return sqs.sendMessage({ QueueUrl, MessageBody: JSON.stringify({ source: 'aws.ec2', 'detail-type': 'EC2 Spot Instance Interruption Warning', detail }) });
    };
    await send('i-0fffffffffffffff0');
    await send(id);

    const spec = { subnets: [{ name: 'a', zone: 'us-east-1a' }], nodeTerminationHandler: { enabled: true, enableSQSTerminationDraining: true } };
    const completed = { cluster: { metadata: { name: place.cluster }, spec } } as unknown as Parameters<typeof interruptionSettings>[0];
    const { source } = interruptionSettings(completed, { account: { id: '123456789012', partition: 'aws' } }) ?? { source: {} };
    const ending = new AbortController();
    const handled: Interruption[] = [];
    const handle = async (interruption: Interruption) => void handled.push(interruption);
    const following = createControllers(place.aws, ending.signal).interruptions?.follow(place.cluster, source, { handle, log: silentLog, signal: ending.signal });
    const left = async () => {
      const { Attributes = {} } = await sqs.getQueueAttributes({ QueueUrl, AttributeNames: ['All'] });
      return Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible);
    };
    await vi.waitFor(async () => expect(await left()).toBe(0), { timeout: 10_000, interval: 100 });
    expect(handled.map(({ providerId }) => providerId)).toEqual([`aws:///${instance?.Placement?.AvailabilityZone}/${id}`]);
    // In the middle of a long poll.
    ending.abort();
    await following;
  });
});
