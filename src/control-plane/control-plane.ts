import type { Duplex } from 'node:stream';
import type { CloudControllers, InterruptionSettings } from '../cloud/controllers.ts';
import type { KubeClient } from '../kube/client.ts';
import { type SharedInformers, sharedInformers } from '../kube/informer.ts';
import type { KubeletLookup } from '../kube/kubelet-api.ts';
import type { ApiHandler, UserInfo } from '../kube/request.ts';
import type { Environment } from '../lib/environment.ts';
import { createApiServer } from './apiserver/apiserver.ts';
import type { Dial } from './apiserver/connect/proxy.ts';
import { serveTls } from './apiserver/http/tls-server.ts';
import type { TokenKeys } from './apiserver/tokens.ts';
import { type ApiAddress, ensureBootstrapObjects, publishEndpoints } from './bootstrap-objects.ts';
import { startCloudControllers } from './cloud-controllers/start-cloud-controllers.ts';
import { startControllers } from './controllers/start-controllers.ts';
import { startScheduler } from './scheduler/start-scheduler.ts';
import type { Store } from './store/store.ts';

export interface ControlPlaneOptions {
  environment: Environment;
  /** Stays the caller's to close, after `stop`. */
  store: Store;
  clusterName: string;
  /** `v1.36.0` */
  kubernetesVersion: string;
  networking: { podCIDR: string; serviceClusterIPRange: string; nodePodCIDRPrefix: number };
  serviceNodePorts: { from: number; to: number };
  authorization: 'rbac' | 'alwaysAllow';
  serviceAccountKeys: TokenKeys;
  /** PEM: what pods get as kube-root-ca.crt, and whose client certificates are identities. */
  certificateAuthority: string;
  /** The API server's own certificate. Absent: direct calls only (a simulation). */
  servingCertificate?: { key: string; cert: string };
  /** Unique among the control planes of the cluster, the same after a restart: holds the Leases. */
  identity: string;
  /** Where this one is reached: behind the Service `kubernetes`, together with `others` that run at that moment. */
  advertise: ApiAddress;
  others?: readonly ApiAddress[];
  kubelets: KubeletLookup;
  /** Into the cluster's network: what pods/proxy and services/proxy go through. */
  dial?: Dial;
  loopbackBlocks?: readonly string[];
  /** Absent: no cloud, as on premises; LoadBalancer services stay pending. */
  cloud?: CloudControllers;
  /** Absent: no node is drained before its instance ends. */
  interruptions?: InterruptionSettings;
}

export interface ControlPlane {
  handler: ApiHandler;
  client(user: UserInfo): KubeClient;
  /** Takes an accepted connection (TLS). */
  accept(stream: Duplex): void;
  /** Behind the Service `kubernetes` are these API servers now. */
  publishEndpoints(addresses: readonly ApiAddress[]): Promise<void>;
  stop(): Promise<void>;
}

/** Components of the control plane act with all rights; RBAC is for everybody else. */
const component = (name: string): UserInfo => ({ name: `system:${name}`, groups: ['system:masters', 'system:authenticated'] });

/** API server first, then everything that talks to it; resolves when requests are answered. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { environment, store, kubernetesVersion, authorization, kubelets, serviceAccountKeys } = options;
  const apiServer = await createApiServer({
    store,
    environment,
    kubernetesVersion,
    serviceClusterIPRange: options.networking.serviceClusterIPRange,
    serviceNodePorts: options.serviceNodePorts,
    authorization,
    serviceAccountKeys,
    kubelets,
    serverAddress: `${options.advertise.ip}:${options.advertise.port}`,
    loopbackBlocks: options.loopbackBlocks ?? [],
    ...(options.dial && { dial: options.dial }),
  });
  const tls =
    options.servingCertificate && serveTls({ handler: apiServer.handler, tls: { ...options.servingCertificate, ca: options.certificateAuthority }, log: environment.log });
  const { serviceClusterIPRange } = options.networking;
  const own = { client: apiServer.client(component('apiserver')), log: environment.log };
  await ensureBootstrapObjects({ ...own, serviceClusterIPRange, addresses: [options.advertise, ...(options.others ?? [])] });
  const informers = sharedInformers(apiServer.client(component('kube-controller-manager')), environment);
  const running = startComponents(options, (user) => apiServer.client(user), informers);
  return {
    handler: apiServer.handler,
    client: (user) => apiServer.client(user),
    publishEndpoints: (addresses) => publishEndpoints({ ...own, addresses }),
    accept: (stream) => (tls ? tls.accept(stream) : stream.destroy()),
    stop: async () => {
      await Promise.all(running.map((part) => part.stop()));
      informers.stop();
      tls?.close();
      apiServer.stop();
    },
  };
}

function startComponents(options: ControlPlaneOptions, client: (user: UserInfo) => KubeClient, informers: SharedInformers): { stop(): Promise<void> }[] {
  const { environment, identity, cloud, clusterName, interruptions, networking } = options;
  const { podCIDR, nodePodCIDRPrefix } = networking;
  const parts = [
    startScheduler({ client: client(component('kube-scheduler')), informers, environment, identity }),
    startControllers({
      client: client(component('kube-controller-manager')),
      informers,
      environment,
      identity,
      cluster: { podCIDR, nodePodCIDRPrefix, rootCa: options.certificateAuthority },
    }),
  ];
  if (cloud)
    parts.push(
      startCloudControllers({
        client: client(component('cloud-controller-manager')),
        informers,
        environment,
        identity,
        cloud,
        clusterName,
        ...(interruptions ? { interruptions } : {}),
      }),
    );
  return parts;
}
