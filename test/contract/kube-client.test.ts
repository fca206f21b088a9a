import { createApiServer } from '../../src/control-plane/apiserver/apiserver.ts';
import { createMemoryStore } from '../../src/control-plane/store/memory-store.ts';
import { resourceTypes } from '../../src/kube/resource-types.ts';
import { realClock } from '../../src/lib/clock.ts';
import type { Environment } from '../../src/lib/environment.ts';
import { silentLog } from '../../src/lib/log.ts';
import { SeededRandom } from '../../src/lib/random.ts';
import { kubeClientContract } from './kube-client-suite.ts';

const admin = { name: 'admin', groups: ['system:masters'] };
const environment: Environment = { clock: realClock, random: new SeededRandom(1), log: silentLog, signal: new AbortController().signal, variables: {} };

async function server() {
  const store = createMemoryStore({ clock: realClock });
  const api = await createApiServer({ store, environment, kubernetesVersion: 'v1.36.0', serviceClusterIPRange: '10.96.0.0/16' });
  await api.client(admin).create(resourceTypes.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
  return { api, store };
}

kubeClientContract('direct', async () => {
  const { api, store } = await server();
  return {
    client: api.client(admin),
    close: async () => {
      api.stop();
      await store.close();
    },
  };
});
