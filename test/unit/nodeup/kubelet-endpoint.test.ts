import { text } from 'node:stream/consumers';
import { connect as tlsConnect } from 'node:tls';
import { beforeAll, describe, expect, it } from 'vitest';
import { createMemoryFabric } from '../../../src/fabric/memory-fabric.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import type { KubeletClient } from '../../../src/kube/kubelet-api.ts';
import { realClock } from '../../../src/lib/clock.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { systemRandom } from '../../../src/lib/random.ts';
import { type Identity, kubeletPort, remoteKubelets, serveKubeletEndpoint } from '../../../src/nodeup/kubelet-endpoint.ts';
import type { CertificateAuthority } from '../../../src/pki/certificate-authority.ts';
import { apiServerClientRequest, kubeletServerRequest, nodeClientRequest } from '../../../src/pki/certificate-requests.ts';
import { authorityOf, createKeyset, keysetNames, trustBundle } from '../../../src/pki/keyset.ts';

const environment = { clock: realClock, random: systemRandom, log: silentLog, signal: new AbortController().signal, variables: {} };
const node = { name: 'ip-10-0-0-5.ec2.internal', ip: '10.0.0.5' };
const pod = { namespace: 'default', name: 'web', uid: 'u' };
const options = { follow: false, previous: false, timestamps: false, signal: environment.signal };

async function authority(): Promise<{ issuer: CertificateAuthority; bundle: string }> {
  const keyset = await createKeyset(keysetNames.certificateAuthority, environment);
  return { issuer: authorityOf(keyset, environment), bundle: trustBundle(keyset) };
}

describe('the port of a kubelet', () => {
  const fabric = createMemoryFabric({ environment });
  let cluster: Awaited<ReturnType<typeof authority>>;
  let asked = 0;

  const client = {
    get: async () => ({ status: { addresses: [{ type: 'InternalIP', address: node.ip }], daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } } } }),
  } as unknown as KubeClient;
  const identityOf = async ({ issuer, bundle }: typeof cluster, request: Parameters<CertificateAuthority['issue']>[0]): Promise<Identity> => {
    const { certificatePem, privateKeyPem = '' } = (await issuer.issue(request)) as { certificatePem: string; privateKeyPem?: string };
    return { certificate: certificatePem, privateKey: privateKeyPem, certificateAuthority: bundle };
  };
  const logs = async (identity: Identity) => text(await remoteKubelets(fabric, client, identity)(node.name).logs(pod, 'c', options));

  beforeAll(async () => {
    cluster = await authority();
    const kubelet = {
      logs: async () => {
        asked++;
        return [Buffer.from('a line\n')];
      },
    } as unknown as KubeletClient;
    await serveKubeletEndpoint(fabric, node, kubelet, await identityOf(cluster, kubeletServerRequest(node.name, [node.ip])), silentLog);
  });

  it('answers the API server', async () => {
    expect(await logs(await identityOf(cluster, apiServerClientRequest()))).toBe('a line\n');
  });

  it('refuses other nodes, other clusters and whoever shows nothing', async () => {
    asked = 0;
    const other = await authority();
    await expect(logs(await identityOf(cluster, nodeClientRequest('another')))).rejects.toThrow(/connection to the kubelet broke/);
    await expect(logs(await identityOf({ ...other, bundle: cluster.bundle }, apiServerClientRequest()))).rejects.toThrow();
    const anonymous = tlsConnect({
      socket: await fabric.connect({ type: 'controlPlane' }, node.ip, kubeletPort),
      ca: cluster.bundle,
      servername: node.name,
      ALPNProtocols: ['kops-ts-kubelet/1'],
    });
    expect(await text(anonymous).catch(() => '')).toBe('');
    expect(asked).toBe(0);
  });

  it('is not believed when it is another cluster’s', async () => {
    const other = await authority();
    await expect(logs({ ...(await identityOf(cluster, apiServerClientRequest())), certificateAuthority: other.bundle })).rejects.toThrow(/dial tcp 10\.0\.0\.5:10250/);
  });
});
