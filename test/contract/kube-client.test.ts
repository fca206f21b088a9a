import { type AddressInfo, createServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { createApiServer } from '../../src/control-plane/apiserver/apiserver.ts';
import { serveTls } from '../../src/control-plane/apiserver/http/tls-server.ts';
import { createMemoryStore } from '../../src/control-plane/store/memory-store.ts';
import { createHttpsClient } from '../../src/kube/https-client.ts';
import { resourceTypes } from '../../src/kube/resource-types.ts';
import { realClock } from '../../src/lib/clock.ts';
import type { Environment } from '../../src/lib/environment.ts';
import { silentLog } from '../../src/lib/log.ts';
import { SeededRandom } from '../../src/lib/random.ts';
import { createCertificateAuthority } from '../../src/pki/certificate-authority.ts';
import { adminRequest, apiServerRequest } from '../../src/pki/certificate-requests.ts';
import { kubeClientContract } from './kube-client-suite.ts';

const admin = { name: 'admin', groups: ['system:masters'] };
const environment: Environment = { clock: realClock, random: new SeededRandom(1), log: silentLog, signal: new AbortController().signal, variables: {} };

async function startServer() {
  const store = createMemoryStore({ clock: realClock });
  const api = await createApiServer({ store, environment, kubernetesVersion: 'v1.36.0', serviceClusterIPRange: '10.96.0.0/16' });
  await api.client(admin).create(resourceTypes.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
  await api.client(admin).create(resourceTypes.serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } });
  return {
    api,
    close: async () => {
      api.stop();
      await store.close();
    },
  };
}

kubeClientContract('direct', async () => {
  const { api, close } = await startServer();
  return { client: api.client(admin), close };
});

let credentials: ReturnType<typeof makeCredentials> | undefined;

async function makeCredentials() {
  const authority = await createCertificateAuthority({ ...environment, commonName: 'test-ca' });
  const server = await authority.issue(apiServerRequest({ clusterName: 'test.k8s.local', clusterDomain: 'cluster.local', serviceIp: '10.96.0.1', names: [] }));
  const client = await authority.issue(adminRequest('test'));
  return { ca: authority.certificatePem, server, client };
}

kubeClientContract('https', async () => {
  credentials ??= makeCredentials();
  const { ca, server, client: identity } = await credentials;
  const { api, close } = await startServer();
  const tls = serveTls({ handler: api.handler, tls: { key: server.privateKeyPem, cert: server.certificatePem, ca }, log: silentLog });
  const listener = createServer((socket: Duplex) => tls.accept(socket));
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  const client = createHttpsClient({
    clock: realClock,
    server: `https://127.0.0.1:${port}`,
    certificateAuthority: ca,
    clientCertificate: { certificate: identity.certificatePem, privateKey: identity.privateKeyPem },
  });
  return {
    client,
    close: async () => {
      client.close();
      tls.close();
      await new Promise((resolve) => listener.close(resolve));
      await close();
    },
  };
});
