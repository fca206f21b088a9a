import { createJoinServer } from '../bootstrap/join-server.ts';
import type { Machine } from '../bootstrap/machine.ts';
import { hashNodeConfig, type NodeConfig } from '../bootstrap/node-config.ts';
import { documentPath } from '../bootstrap/node-documents.ts';
import { apiServersOf, followApiServers } from '../control-plane/api-servers.ts';
import type { ApiAddress } from '../control-plane/bootstrap-objects.ts';
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts';
import type { KubeletClient } from '../kube/kubelet-api.ts';
import type { NodeObject } from '../kube/objects.ts';
import type { UserInfo } from '../kube/request.ts';
import { resourceTypes } from '../kube/resource-types.ts';
import { isStatus } from '../kube/status.ts';
import { nthIp, parseCidr } from '../lib/cidr.ts';
import { KopsError } from '../lib/errors.ts';
import { parseYaml } from '../lib/yaml.ts';
import type { CertificateAuthority } from '../pki/certificate-authority.ts';
import { apiServerClientRequest, apiServerRequest, kubeletServerRequest } from '../pki/certificate-requests.ts';
import { authorityOf, keysetNames, trustBundle } from '../pki/keyset.ts';
import type { Boot } from './boot-node.ts';
import { fetchKeyset } from './fetch-keyset.ts';
import { type Identity, remoteKubelets } from './kubelet-endpoint.ts';
import { controlPlaneConfig } from './node-config.ts';
import { openStore } from './open-store.ts';

export interface BootedControlPlane {
  config: NodeConfig;
  /** What the kubelet shows API servers on other machines; absent where all are in this process. */
  kubelet: Identity | undefined;
  stop(): Promise<void>;
}

/** Opens the store on the etcd volume, issues this instance's certificate, serves the API and lets workers join. */
export async function bootControlPlane(boot: Boot): Promise<BootedControlPlane> {
  const { machine, cloud, process, config: bootConfig } = boot;
  const { environment, metadata, fabric } = machine;
  const config = await controlPlaneConfig(machine, bootConfig);
  const settings = requireControlPlane(config);
  const [authorityKeys, serviceAccountKeys] = await Promise.all([fetchKeyset(machine, keysetNames.certificateAuthority), fetchKeyset(machine, keysetNames.serviceAccount)]);
  const authority = authorityOf(authorityKeys, environment);
  const certificateAuthority = trustBundle(authorityKeys);
  await machine.openNetwork?.(config.networking);
  const [certificate, store] = await Promise.all([issueServingCertificate(boot, config, authority), openStore(boot, config, settings)]);
  const servingCertificate = { key: certificate.privateKeyPem, cert: certificate.certificatePem };
  const { apiServer } = bootConfig;
  const address = { ip: metadata.privateIp, port: apiServer.port };
  const others = settings.store === 'etcd' ? (await apiServersOf(store)).filter(({ ip }) => ip !== address.ip) : process.addresses();
  /** Kubelets of other machines: none of them is asked before the API server answers. */
  let elsewhere: ((nodeName: string) => KubeletClient) | undefined;

  const controlPlane = await startControlPlane({
    environment,
    store,
    clusterName: config.clusterName,
    kubernetesVersion: config.kubernetesVersion,
    networking: config.networking,
    serviceNodePorts: portRange(settings.serviceNodePortRange),
    authorization: settings.authorization,
    serviceAccountKeys: { issuer: `https://kubernetes.default.svc.${config.networking.clusterDomain}`, keyset: serviceAccountKeys },
    certificateAuthority,
    servingCertificate,
    identity: metadata.nodeName,
    advertise: address,
    others,
    kubelets: (nodeName) => process.kubelets.get(nodeName) ?? elsewhere?.(nodeName),
    dial: (ip, port) => fabric.connect({ type: 'controlPlane' }, ip, port),
    loopbackBlocks: [config.networking.networkCIDR, config.networking.podCIDR],
    ...(settings.cloudControllers ? { cloud: cloud.controllers } : {}),
    ...(settings.interruptions ? { interruptions: settings.interruptions } : {}),
  });
  if (!cloud.shared) elsewhere = remoteKubelets(fabric, controlPlane.client(ownUser), await callerIdentity(authority, certificateAuthority));
  const joinServer = createJoinServer({
    ...servingCertificate,
    log: environment.log,
    authority: {
      verifyIdentity: (token, audience) => cloud.verifyIdentity(token, audience, settings.workerIdentities ?? []),
      isReady: (nodeName) => isReady(controlPlane, nodeName),
      nodeConfig: (instanceGroup) => workerConfig(machine, instanceGroup),
      certificates: authority,
      trustBundle: certificateAuthority,
      clusterName: config.clusterName,
    },
  });
  const owner = { type: 'apiserver' as const, name: metadata.nodeName };
  const listeners = await Promise.all([
    fabric.listen(owner, metadata.privateIp, apiServer.port, ({ stream }) => controlPlane.accept(stream)),
    fabric.listen(owner, metadata.privateIp, apiServer.joinPort, ({ stream }) => joinServer.accept(stream)),
  ]);
  const publish = (addresses: readonly ApiAddress[]) => controlPlane.publishEndpoints(addresses);
  const endServing = process.serve({ handler: controlPlane.handler, address, publish: (addresses) => void publish(addresses) });
  const published = settings.store === 'etcd' ? followApiServers({ store, environment, self: address, publish }) : undefined;
  return {
    config,
    kubelet: cloud.shared ? undefined : await kubeletIdentity(machine, authority, certificateAuthority),
    stop: async () => {
      await Promise.all(listeners.map((listener) => listener.close()));
      endServing();
      await published?.stop();
      joinServer.close();
      await controlPlane.stop();
      await store.close();
    },
  };
}

const ownUser: UserInfo = { name: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] };

/** What the API server shows kubelets. */
async function callerIdentity(authority: CertificateAuthority, certificateAuthority: string): Promise<Identity> {
  const { certificatePem, privateKeyPem } = await authority.issue(apiServerClientRequest());
  return { certificate: certificatePem, privateKey: privateKeyPem, certificateAuthority };
}

async function kubeletIdentity({ metadata }: Machine, authority: CertificateAuthority, certificateAuthority: string): Promise<Identity> {
  const { certificatePem, privateKeyPem = '' } = await authority.issue(kubeletServerRequest(metadata.nodeName, [metadata.privateIp]));
  return { certificate: certificatePem, privateKey: privateKeyPem, certificateAuthority };
}

async function isReady(controlPlane: ControlPlane, nodeName: string): Promise<boolean> {
  const client = controlPlane.client(ownUser);
  try {
    const { status } = await client.get<NodeObject>(resourceTypes.nodes, undefined, nodeName);
    return status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;
  } catch (error) {
    if (isStatus(error, 'NotFound')) return false;
    throw error;
  }
}

function requireControlPlane(config: NodeConfig): NonNullable<NodeConfig['controlPlane']> {
  if (config.controlPlane) return config.controlPlane;
  throw new KopsError(`the node document of ${config.instanceGroup} has no control plane part`, { code: 'INVALID_NODE_CONFIG', exit: 'invalid', object: config.instanceGroup });
}

async function workerConfig(machine: Machine, instanceGroup: string): Promise<NodeConfig> {
  const path = documentPath('Node', instanceGroup);
  const config = parseYaml(Buffer.from(await machine.fetchDocument(path)).toString(), path) as NodeConfig;
  machine.environment.log.debug('a worker gets its document', { instanceGroup, hash: hashNodeConfig(config) });
  return config;
}

/** The names clients and nodes use: the load balancer's address is among them, so that it stays valid when this instance is replaced. */
async function issueServingCertificate(boot: Boot, config: NodeConfig, authority: CertificateAuthority): Promise<{ certificatePem: string; privateKeyPem: string }> {
  const { machine, config: bootConfig } = boot;
  const range = parseCidr(config.networking.serviceClusterIPRange);
  const balancer = await machine.resolve(bootConfig.apiServer.host);
  return authority.issue(
    apiServerRequest({
      clusterName: config.clusterName,
      clusterDomain: config.networking.clusterDomain,
      serviceIp: range ? nthIp(range, 1) : machine.metadata.privateIp,
      names: [machine.metadata.privateIp, ...(balancer === undefined ? [] : [balancer]), ...(config.controlPlane?.certificateNames ?? [])],
    }),
  );
}

function portRange(text: string): { from: number; to: number } {
  const [from, to] = text.split('-').map(Number);
  return { from: from ?? 30_000, to: to ?? 32_767 };
}
