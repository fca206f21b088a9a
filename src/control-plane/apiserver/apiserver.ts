import { loadApiTables } from '../../kube/api/tables.ts';
import type { KubeClient } from '../../kube/client.ts';
import { createDirectClient } from '../../kube/direct-client.ts';
import type { KubeletLookup } from '../../kube/kubelet-api.ts';
import type { Service } from '../../kube/objects.ts';
import type { ApiHandler, UserInfo } from '../../kube/request.ts';
import { resourceTypes } from '../../kube/resource-types.ts';
import type { Environment } from '../../lib/environment.ts';
import type { Store } from '../store/store.ts';
import { createClusterPolicy } from './cluster-policy.ts';
import { podAttach, podExec } from './connect/exec.ts';
import { podLogs } from './connect/logs.ts';
import { podPortForward } from './connect/port-forward.ts';
import { type Dial, proxy } from './connect/proxy.ts';
import type { ApiCore } from './core.ts';
import { createHandler } from './handler.ts';
import { followService, IpAllocator, PortAllocator } from './kinds/index.ts';
import { createLookup } from './lookup.ts';
import { plainRoutes } from './routes/plain-routes.ts';
import { resourcePrefix, Storage } from './storage/storage.ts';
import { ServiceAccountTokens, type TokenKeys } from './tokens.ts';

export interface ApiServerOptions {
  store: Store;
  environment: Environment;
  /** `v1.36.0`: what /version says. */
  kubernetesVersion: string;
  serviceClusterIPRange: string;
  /** Default 30000-32767. */
  serviceNodePorts?: { from: number; to: number };
  authorization?: 'rbac' | 'alwaysAllow';
  /** Without keys there are no service account tokens: requests that bear one are refused. */
  serviceAccountKeys?: TokenKeys;
  /** How logs, exec, attach and port-forward reach a node. */
  kubelets?: KubeletLookup;
  /** Into the cluster's network: what pods/proxy and services/proxy go through. */
  dial?: Dial;
  /** `127.16.0.1:443`, as clients reach it. */
  serverAddress?: string;
  /** The cluster's own blocks inside 127.0.0.0/8. */
  loopbackBlocks?: readonly string[];
}

export interface ApiServer {
  handler: ApiHandler;
  /** A client in this process, authorized as `user`. */
  client(user: UserInfo): KubeClient;
  stop(): void;
}

/** Resolves when the caches hold what the store has. The store stays the caller's to close. */
export async function createApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const storage = new Storage(options.store, options.environment.clock);
  await storage.start();
  const core = createCore(options, storage);
  followServices(storage, core);
  const plainRoute = plainRoutes({ core, kubernetesVersion: options.kubernetesVersion, serverAddress: options.serverAddress ?? '' });
  const connect = {
    'pods/log': podLogs,
    'pods/exec': podExec,
    'pods/attach': podAttach,
    'pods/portforward': podPortForward,
    'pods/proxy': proxy(options.dial),
    'services/proxy': proxy(options.dial),
  };
  const handler = createHandler({ core, plainRoute, connect });
  return { handler, client: (user) => createDirectClient(handler, user), stop: () => storage.stop() };
}

/** What Services hold is taken, whichever API server gave it to them. */
function followServices(storage: Storage, { allocators }: ApiCore): void {
  const services = storage.cache(resourcePrefix('', resourceTypes.services.resource));
  for (const { object } of services.list()) followService(object as Service, undefined, allocators);
  services.listen(({ type, stored, previous }) => {
    followService(type === 'DELETED' ? undefined : (stored.object as Service), previous?.object as Service | undefined, allocators);
  });
}

function createCore(options: ApiServerOptions, storage: Storage): ApiCore {
  const { clock, random, log } = options.environment;
  const tables = loadApiTables();
  const policy = createClusterPolicy({
    tables,
    lookup: createLookup(storage),
    authorization: options.authorization ?? 'rbac',
    loopbackBlocks: options.loopbackBlocks ?? [],
    random,
    clock,
  });
  return {
    tables,
    storage,
    policy,
    clock,
    random,
    log,
    tokens: options.serviceAccountKeys && new ServiceAccountTokens(options.serviceAccountKeys, clock, random),
    kubelets: options.kubelets ?? (() => undefined),
    allocators: {
      clusterIp: new IpAllocator(options.serviceClusterIPRange, random),
      nodePort: new PortAllocator(options.serviceNodePorts ?? { from: 30_000, to: 32_767 }, random),
    },
  };
}
