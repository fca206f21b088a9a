import type { NodeCredentials } from '../bootstrap/join-client.ts';
import type { IdentityVerifier, Machine } from '../bootstrap/machine.ts';
import type { BootConfig } from '../bootstrap/node-config.ts';
import { parseUserData } from '../bootstrap/user-data.ts';
import type { CloudControllers } from '../cloud/controllers.ts';
import type { Listener } from '../fabric/fabric.ts';
import { createHttpsClient, type HttpsClient } from '../kube/https-client.ts';
import { KopsError } from '../lib/errors.ts';
import { bootControlPlane } from './boot-control-plane.ts';
import { type ClusterProcess, clusterProcess } from './cluster-process.ts';
import { type Identity, serveKubeletEndpoint } from './kubelet-endpoint.ts';
import { startNode } from './start-node.ts';
import { workerCredentials } from './worker-credentials.ts';

/** What the cloud offers the software on an instance, besides the machine. */
export interface NodeCloud {
  controllers: CloudControllers;
  verifyIdentity: IdentityVerifier;
  /** The same object for every node of a cluster in this process. Absent: this machine is a process of its own, and others are reached over the network. */
  shared?: object;
}

export interface RunningNode {
  /** `graceful`: says goodbye (its node turns NotReady) and closes its files; otherwise the power goes. */
  stop(options: { graceful: boolean }): Promise<void>;
}

/** What one boot works with. */
export interface Boot {
  machine: Machine;
  cloud: NodeCloud;
  config: BootConfig;
  process: ClusterProcess;
}

/** Starts what a node of the machine's role runs; resolves when it does. The same on every provider. */
export async function bootNode(machine: Machine, cloud: NodeCloud): Promise<RunningNode> {
  const config = parseUserData(machine.metadata.userData);
  const boot: Boot = { machine, cloud, config, process: clusterProcess(cloud.shared ?? {}) };
  return config.role === 'ControlPlane' ? bootControlPlaneNode(boot) : bootWorkerNode(boot);
}

async function bootControlPlaneNode(boot: Boot): Promise<RunningNode> {
  const controlPlane = await bootControlPlane(boot);
  const node = await startNode(boot, controlPlane.config);
  const endpoint = controlPlane.kubelet && (await serveKubelet(boot, boot.machine.metadata.nodeName, controlPlane.kubelet));
  return {
    stop: async (options) => {
      await endpoint?.close();
      await node.stop(options);
      await controlPlane.stop();
    },
  };
}

async function bootWorkerNode(boot: Boot): Promise<RunningNode> {
  const { machine, cloud, process } = boot;
  if (cloud.shared) {
    await process.served(machine.environment.signal);
    return startNode(boot, (await workerCredentials(machine, boot.config)).nodeConfig);
  }
  const credentials = await workerCredentials(machine, boot.config);
  await machine.openNetwork?.(credentials.nodeConfig.networking);
  const client = remoteClient(boot, credentials);
  process.reach(client);
  // The control plane says what the cloud calls this machine.
  const { nodeName: name } = credentials;
  const node = await startNode({ ...boot, machine: { ...machine, metadata: { ...machine.metadata, nodeName: name } } }, credentials.nodeConfig);
  const { certificates, privateKeys, certificateAuthority } = credentials;
  const endpoint = await serveKubelet(boot, name, { certificate: certificates['kubelet-server'], privateKey: privateKeys['kubelet-server'], certificateAuthority });
  return {
    stop: async (options) => {
      await endpoint?.close();
      await node.stop(options);
      client.close();
    },
  };
}

async function serveKubelet({ machine, process }: Boot, name: string, identity: Identity): Promise<Listener | undefined> {
  const kubelet = process.kubelets.get(name);
  return kubelet && serveKubeletEndpoint(machine.fabric, { name, ip: machine.metadata.privateIp }, kubelet, identity, machine.environment.log);
}

/** The API server of another machine, as this node's kubelet and proxy call it. */
function remoteClient({ machine, config }: Boot, { certificates, privateKeys, certificateAuthority }: NodeCredentials): HttpsClient {
  const { nodeName, privateIp } = machine.metadata;
  return createHttpsClient({
    server: `https://${config.apiServer.host}:${config.apiServer.port}`,
    certificateAuthority,
    userAgent: 'kubelet',
    clock: machine.environment.clock,
    clientCertificate: { certificate: certificates.kubelet, privateKey: privateKeys.kubelet },
    dial: async (host, port) => {
      const ip = await machine.resolve(host);
      if (ip === undefined) throw new KopsError(`${host} has no address yet`, { code: 'API_NOT_RESOLVED', exit: 'notReady', object: host });
      return machine.fabric.connect({ type: 'node', name: nodeName, ip: privateIp }, ip, port);
    },
  });
}
