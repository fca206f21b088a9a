import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { createApiServer } from '../../src/control-plane/apiserver/apiserver.ts';
import { serveTls } from '../../src/control-plane/apiserver/http/tls-server.ts';
import { ensureBootstrapObjects } from '../../src/control-plane/bootstrap-objects.ts';
import { createMemoryStore } from '../../src/control-plane/store/memory-store.ts';
import { memoryStreamPair } from '../../src/fabric/memory-stream.ts';
import type { KubeletClient } from '../../src/kube/kubelet-api.ts';
import { resourceTypes } from '../../src/kube/resource-types.ts';
import { realClock } from '../../src/lib/clock.ts';
import type { Environment } from '../../src/lib/environment.ts';
import { silentLog } from '../../src/lib/log.ts';
import { SeededRandom, systemRandom } from '../../src/lib/random.ts';
import { createCertificateAuthority } from '../../src/pki/certificate-authority.ts';
import { adminRequest, apiServerRequest, nodeClientRequest } from '../../src/pki/certificate-requests.ts';
import { createKeyset } from '../../src/pki/keyset.ts';

const environment: Environment = { clock: realClock, random: new SeededRandom(7), log: silentLog, signal: new AbortController().signal, variables: {} };
const serviceClusterIPRange = '10.96.0.0/16';

/** Two ends of a connection inside the process. */
const connection = () => memoryStreamPair({ ip: '10.0.0.2', port: 40_000 }, { ip: '10.0.0.1', port: 443 });

/** A kubelet whose one program echoes: enough to see what travels. */
export const echoKubelet: KubeletClient = {
  async logs(_pod, container, { follow, tailLines, signal }) {
    const lines = ['one', 'two', 'three'].slice(-(tailLines ?? 3));
    return (async function* () {
      for (const line of lines) yield Buffer.from(`${container} ${line}\n`);
      if (follow && !signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    })();
  },
  async exec(_pod, _container, command, { stdin, stdout, stderr }) {
    const [program, ...words] = command;
    if (program === 'cat') for await (const chunk of stdin ?? []) stdout(chunk);
    else if (program === 'fail') stderr(Buffer.from('it failed\n'));
    else stdout(Buffer.from(`${words.join(' ')}\n`));
    return program === 'fail' ? 7 : 0;
  },
  async attach(_pod, _container, { stdout }) {
    stdout(Buffer.from('attached\n'));
    return 0;
  },
  async portForward({ name }) {
    const { client, server } = connection();
    const program = createHttpServer((request, response) => response.end(`${name} answers ${request.url}`));
    program.emit('connection', server);
    return client;
  },
};

/** An API server on loopback with its default objects and a node `node-1`. */
export async function startApiServer(kubelet: KubeletClient = echoKubelet) {
  const authority = await createCertificateAuthority({ ...environment, random: systemRandom, commonName: 'test-ca' });
  const [server, admin, node, keyset] = await Promise.all([
    authority.issue(apiServerRequest({ clusterName: 'test.k8s.local', clusterDomain: 'cluster.local', serviceIp: '10.96.0.1', names: [] })),
    authority.issue(adminRequest('test')),
    authority.issue(nodeClientRequest('node-1')),
    createKeyset('service-account', { clock: realClock, random: systemRandom }),
  ]);
  const store = createMemoryStore({ clock: realClock });
  const api = await createApiServer({
    store,
    environment,
    kubernetesVersion: 'v1.33.4',
    serviceClusterIPRange,
    serviceAccountKeys: { issuer: 'https://kubernetes.default.svc.cluster.local', keyset },
    kubelets: (name) => (name === 'node-1' ? kubelet : undefined),
  });
  const client = api.client({ name: 'setup', groups: ['system:masters'] });
  await ensureBootstrapObjects({ client, log: silentLog, serviceClusterIPRange, addresses: [{ ip: '10.0.0.1', port: 443 }] });
  await client.create(resourceTypes.serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } });
  for (const name of ['node-1', 'node-2']) await client.create(resourceTypes.nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: {} });
  const tls = serveTls({ handler: api.handler, tls: { key: server.privateKeyPem, cert: server.certificatePem, ca: authority.certificatePem }, log: silentLog });
  const listener = createServer((socket) => tls.accept(socket));
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  return {
    url,
    client,
    certificateAuthority: authority.certificatePem,
    admin,
    node,
    /** A connection that never leaves the process. */
    dial: async () => {
      const pair = connection();
      tls.accept(pair.server);
      return pair.client;
    },
    /** Breaks every connection; the server goes on. */
    drop: () => tls.close(),
    kubeconfig: kubeconfig(url, authority.certificatePem, admin),
    close: async () => {
      tls.close();
      await new Promise((resolve) => listener.close(resolve));
      api.stop();
      await store.close();
    },
  };
}

function kubeconfig(server: string, authority: string, user: { certificatePem: string; privateKeyPem: string }): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority-data': base64(authority) } }],
    users: [{ name: 'test', user: { 'client-certificate-data': base64(user.certificatePem), 'client-key-data': base64(user.privateKeyPem) } }],
  });
}
