// How long listing many clusters of a slow bucket takes: `node --import tsx test/bench/listing.ts`. Nothing is asserted.
import { realClock } from '../../src/lib/clock.ts';
import { silentLog } from '../../src/lib/log.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { createClusterStore } from '../../src/state/cluster-store.ts';
import { openObjectStore } from '../../src/state/open-object-store.ts';
import { startLatentS3 } from '../integration/latent-s3.ts';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
const s3 = await startLatentS3(500, 20);
const variables = { S3_ENDPOINT: s3.endpoint, S3_ACCESS_KEY_ID: 'key', S3_SECRET_ACCESS_KEY: 'secret' };
const objects = await openObjectStore('s3://state', { clock: realClock, random: systemRandom, log: silentLog, signal: new AbortController().signal, variables });
for (const run of ['cold', 'warm']) {
  const start = process.hrtime.bigint();
  const { clusters } = await createClusterStore(objects, realClock).listClusters();
  console.log(`${run}: ${clusters.length} clusters at 20 ms a request in ${(Number(process.hrtime.bigint() - start) / 1e9).toFixed(2)} s`);
}
await objects.close();
await s3.stop();
