import { describe, expect, it } from 'vitest';
import { realClock } from '../../src/lib/clock.ts';
import { silentLog } from '../../src/lib/log.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { createClusterStore } from '../../src/state/cluster-store.ts';
import { openObjectStore } from '../../src/state/open-object-store.ts';
import { parallelReads } from '../../src/state/typed-objects.ts';
import { startLatentS3 } from './latent-s3.ts';

describe('listing 500 clusters of a bucket', () => {
  it('takes one request each and one for the list, many at once but not too many', async () => {
    const s3 = await startLatentS3(500, 5);
    const variables = { S3_ENDPOINT: s3.endpoint, S3_ACCESS_KEY_ID: 'key', S3_SECRET_ACCESS_KEY: 'secret' };
    const objects = await openObjectStore('s3://state', { clock: realClock, random: systemRandom, log: silentLog, signal: new AbortController().signal, variables });
    const { clusters, problems } = await createClusterStore(objects, realClock).listClusters();
    expect([clusters.length, problems]).toEqual([500, []]);
    expect(s3.requests.filter((request) => request === 'ListObjectsV2')).toHaveLength(1);
    expect(new Set(s3.requests).size).toBe(501);
    expect(s3.requests).toHaveLength(501);
    expect(s3.mostAtOnce()).toBeLessThanOrEqual(parallelReads);
    expect(s3.mostAtOnce()).toBeGreaterThan(parallelReads / 4);
    await objects.close();
    await s3.stop();
  });
});
