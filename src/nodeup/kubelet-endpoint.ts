import { createServer, connect as tlsConnect } from 'node:tls';
import type { Fabric, Listener } from '../fabric/fabric.ts';
import type { KubeClient } from '../kube/client.ts';
import type { KubeletClient } from '../kube/kubelet-api.ts';
import type { NodeObject } from '../kube/objects.ts';
import { createRemoteKubelet } from '../kube/remote-kubelet/client.ts';
import { serveKubelet } from '../kube/remote-kubelet/serve.ts';
import { resourceTypes } from '../kube/resource-types.ts';
import { StatusError } from '../kube/status.ts';
import { messageOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';

/** The kubelet's port in Kubernetes. Between nodes of kops-ts it speaks kops-ts' own frames, which the name of the protocol says. */
export const kubeletPort = 10250;
const protocol = 'kops-ts-kubelet/1';

/** Who may call kubelets: the API server, and whoever may do everything. */
const callers = 'system:masters';

/** PEM. */
export interface Identity {
  certificate: string;
  privateKey: string;
  certificateAuthority: string;
}

/** Serves what API servers on other machines ask of this node's kubelet, to those who show a certificate of the cluster that allows it. */
export async function serveKubeletEndpoint(fabric: Fabric, node: { name: string; ip: string }, kubelet: KubeletClient, identity: Identity, log: Log): Promise<Listener> {
  const { certificate: cert, privateKey: key, certificateAuthority: ca } = identity;
  const server = createServer({ cert, key, ca, requestCert: true, rejectUnauthorized: true, ALPNProtocols: [protocol] }, (socket) => {
    const organizations = [socket.getPeerCertificate().subject?.O ?? []].flat();
    if (socket.alpnProtocol !== protocol || !organizations.includes(callers)) {
      log.warn('a call of the kubelet was refused', { organizations });
      socket.destroy();
      return;
    }
    serveKubelet(socket, kubelet).catch((error: unknown) => {
      log.error('a call of the kubelet failed', { error });
      socket.destroy();
    });
  });
  server.on('tlsClientError', (error, socket) => {
    log.debug('a handshake with the kubelet failed', { error: messageOf(error) });
    socket.destroy();
  });
  return fabric.listen({ type: 'node', name: node.name }, node.ip, kubeletPort, ({ stream }) => void server.emit('connection', stream));
}

/** Kubelets on other machines, found by the addresses of their nodes. */
export function remoteKubelets(fabric: Fabric, client: KubeClient, identity: Identity): (nodeName: string) => KubeletClient {
  return (nodeName) =>
    createRemoteKubelet(async () => {
      const { status } = await client.get<NodeObject>(resourceTypes.nodes, undefined, nodeName);
      const ip = status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
      const port = status?.daemonEndpoints?.kubeletEndpoint.Port ?? kubeletPort;
      if (ip === undefined) throw new StatusError('InternalError', `node ${nodeName} has no internal address`);
      try {
        const stream = await fabric.connect({ type: 'controlPlane' }, ip, port);
        return await secured(stream, nodeName, identity);
      } catch (error) {
        throw new StatusError('InternalError', `Get "https://${ip}:${port}": dial tcp ${ip}:${port}: ${messageOf(error)}`);
      }
    });
}

function secured(socket: Awaited<ReturnType<Fabric['connect']>>, servername: string, { certificate: cert, privateKey: key, certificateAuthority: ca }: Identity) {
  return new Promise<ReturnType<typeof tlsConnect>>((resolve, reject) => {
    const secure = tlsConnect({ socket, servername, cert, key, ca, ALPNProtocols: [protocol] }, () => {
      secure.off('error', reject);
      resolve(secure);
    });
    secure.once('error', reject);
    socket.once('error', reject);
  });
}
