import { expect, it } from 'vitest';
import { AwsApi } from '../../../providers/aws/api/clients.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { SeededRandom } from '../../../src/lib/random.ts';

it.each([
  ['Amazon’s S3 has buckets in host names', {}, false],
  ['another server for everything has not', { AWS_ENDPOINT_URL: 'http://127.0.0.1:5000' }, true],
  ['nor has another server for S3 alone', { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9000' }, true],
])('%s', async (_what, variables, byPath) => {
  const aws = new AwsApi('us-east-1', { clock: new VirtualClock(), random: new SeededRandom(1), variables });
  expect((await aws.service('s3')).config.forcePathStyle ?? false).toBe(byPath);
  await aws.close();
});
