// Deliveries a second to many watchers of one resource, and what large lists cost: `node --import tsx test/bench/watch.ts [watchers] [writes]`.
import { createApiServer } from '../../src/control-plane/apiserver/apiserver.ts';
import { createMemoryStore } from '../../src/control-plane/store/memory-store.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import type { ApiResponse } from '../../src/kube/request.ts';
import { resourceTypes } from '../../src/kube/resource-types.ts';
import { realClock } from '../../src/lib/clock.ts';
import type { Environment } from '../../src/lib/environment.ts';
import { silentLog } from '../../src/lib/log.ts';
import { SeededRandom } from '../../src/lib/random.ts';

const watchers = Number(process.argv[2] ?? 1000);
const writes = Number(process.argv[3] ?? 500);
const objects = 5000;
const user = { name: 'admin', groups: ['system:masters'] };
const environment: Environment = { clock: realClock, random: new SeededRandom(1), log: silentLog, signal: new AbortController().signal, variables: {} };
const store = createMemoryStore({ clock: realClock });
const api = await createApiServer({ store, environment, kubernetesVersion: 'v1.36.0', serviceClusterIPRange: '10.96.0.0/16' });
const client = api.client(user);
const path = '/api/v1/namespaces/default/configmaps';
const get = (query: string): Promise<ApiResponse> => api.handler({ method: 'GET', path, query: new URLSearchParams(query), headers: {}, user });
const configMap = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data: { text: 'x'.repeat(500) } });
const report = (what: string, text: string) => console.log(`${what.padEnd(58)} ${text}`);
const megabytes = () => `${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MB`;

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - start) / 1e9;
}

function bytesOf({ body }: ApiResponse): Uint8Array {
  if (body.type !== 'object') throw new Error(`a ${body.type} is no list`);
  return body.encoded();
}

async function listInPages(limit: number): Promise<void> {
  let token = '';
  do {
    const page = JSON.parse(Buffer.from(bytesOf(await get(`limit=${limit}&continue=${token}`))).toString()) as { metadata: { continue?: string } };
    token = page.metadata.continue ?? '';
  } while (token !== '');
}

await client.create(resourceTypes.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
const created = await seconds(async () => {
  for (let i = 0; i < objects; i++) await client.create(resourceTypes.configMaps, configMap(`c${i}`));
});
report(`${objects} ConfigMaps created one after the other`, `${(objects / created).toFixed(0)} /s, RSS ${megabytes()}`);
let size = 0;
const first = await seconds(async () => {
  size = bytesOf(await get('')).length;
});
const again = await seconds(async () => bytesOf(await get('')));
report(`list of ${objects}: first, again`, `${(first * 1000).toFixed(0)} ms, ${(again * 1000).toFixed(0)} ms (${(size / 2 ** 20).toFixed(1)} MB), RSS ${megabytes()}`);
report(`list of ${objects} in pages of 500`, `${((await seconds(() => listInPages(500))) * 1000).toFixed(0)} ms`);

let delivered = 0;
const lines = new Set<Uint8Array>();
for (let i = 0; i < watchers; i++) {
  const { body } = await get(`watch=true&resourceVersion=${await store.revision()}`);
  if (body.type !== 'watch') throw new Error('no watch');
  const event = (_type: string, _object: KubeObject, encoded: () => Uint8Array) => {
    lines.add(encoded());
    delivered++;
  };
  body.start({ ready: true, event, end: () => {} });
}
const took = await seconds(async () => {
  for (let i = 0; i < writes; i++) await client.patch(resourceTypes.configMaps, 'default', `c${i}`, { data: { text: String(i) } }, 'application/merge-patch+json');
});
report(`${writes} writes seen by ${watchers} watchers`, `${(delivered / took).toFixed(0)} deliveries/s, ${lines.size} encodings, RSS ${megabytes()}`);
process.exit(0);
