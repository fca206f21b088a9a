import type { ApiAddress } from '../control-plane/bootstrap-objects.ts';
import { SharedStore, type SharedStoreOptions } from '../control-plane/store/shared/shared-store.ts';
import type { Fabric } from '../fabric/fabric.ts';
import type { KubeClient } from '../kube/client.ts';
import { createDirectClient } from '../kube/direct-client.ts';
import { type SharedInformers, sharedInformers } from '../kube/informer.ts';
import type { KubeletClient } from '../kube/kubelet-api.ts';
import type { KubeObject } from '../kube/objects.ts';
import type { ApiHandler, ApiRequest, ApiResponse, UserInfo } from '../kube/request.ts';
import { StatusError } from '../kube/status.ts';
import type { Environment } from '../lib/environment.ts';
import { createResolver, type Resolve } from '../node/dns/resolver.ts';
import { createProxy, type ServiceProxy } from '../node/proxy/proxy.ts';

/** One watch of Services and endpoints for all nodes in the process: the proxy, the cluster's names and what kubelets tell pods. */
export interface NodeNetwork {
  informers: SharedInformers;
  proxy: ServiceProxy;
  resolve: Resolve;
}

const proxyUser: UserInfo = { name: 'system:kube-proxy', groups: ['system:authenticated'] };

/** A control plane that answers. */
export interface Serving {
  handler: ApiHandler;
  address: ApiAddress;
  /** Other control planes came or went: these addresses are behind the Service `kubernetes` now. Told to one of those that serve. */
  publish(addresses: readonly ApiAddress[]): void;
}

/** What the nodes of one cluster that run in one process have in common. */
export class ClusterProcess {
  private readonly serving = new Set<Serving>();
  private readonly waiting = new Set<() => void>();
  private remote: KubeClient | undefined;
  readonly kubelets = new Map<string, KubeletClient>();
  private store: SharedStore | undefined;
  private network: { users: number; abort: AbortController; parts: NodeNetwork } | undefined;

  /** One more API server answers from now on; the returned function ends that. */
  serve(serving: Serving): () => void {
    this.serving.add(serving);
    // What it says of itself is published already.
    if (this.serving.size > 1) serving.publish(this.addresses());
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
    return () => {
      this.serving.delete(serving);
      const [other] = this.serving;
      other?.publish(this.addresses());
    };
  }

  /** There is no API server in this process: its nodes call one elsewhere, all as whom `client` is. */
  reach(client: KubeClient): void {
    this.remote = client;
  }

  /** Where the control planes that answer are reached. */
  addresses(): ApiAddress[] {
    return [...this.serving].map(({ address }) => address);
  }

  /** For clusters with several control planes: created when the first one asks. */
  sharedStore(options: SharedStoreOptions): SharedStore {
    this.store ??= new SharedStore(options);
    return this.store;
  }

  private get current(): ApiHandler | undefined {
    return [...this.serving].at(-1)?.handler;
  }

  /** Resolves when an API server answers: a worker that boots with its control plane need not try again and again. Rejects when the signal aborts first. */
  served(signal?: AbortSignal): Promise<void> {
    if (this.current) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.waiting.delete(done);
        reject(signal?.reason);
      };
      const done = () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      if (signal?.aborted) return reject(signal.reason);
      this.waiting.add(done);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /**
   * Direct calls to whichever API server answers at that moment. While none does they get 503, as behind a load balancer without healthy targets;
   * only lists and watches wait for one: informers go on the moment a control plane is back, instead of trying again and again.
   */
  client(user: UserInfo, fieldManager?: string): KubeClient {
    if (this.remote) return this.remote;
    const handler: ApiHandler = (request) => (this.current ?? (isCollection(request) ? this.late : unavailable))(request);
    return createDirectClient(handler, user, fieldManager === undefined ? {} : { fieldManager });
  }

  private readonly late: ApiHandler = async (request) => {
    await this.served(request.signal);
    return (this.current ?? unavailable)(request);
  };

  /** Starts with the first node that asks and ends with the last one that releases it. */
  useNetwork(environment: Environment, fabric: Fabric, clusterDomain: string): { network: NodeNetwork; release(): Promise<void> } {
    this.network ??= this.startNetwork(environment, fabric, clusterDomain);
    const { network } = this;
    network.users++;
    return {
      network: network.parts,
      release: async () => {
        if (--network.users > 0) return;
        if (this.network === network) this.network = undefined;
        await network.parts.proxy.stop();
        network.abort.abort(new Error('the last node has stopped'));
        network.parts.informers.stop();
      },
    };
  }

  private startNetwork(environment: Environment, fabric: Fabric, clusterDomain: string): NonNullable<typeof this.network> {
    // It outlives the node that happened to come first.
    const abort = new AbortController();
    const own = { ...environment, signal: abort.signal };
    const informers = sharedInformers(this.client(proxyUser), own);
    const parts = { informers, proxy: createProxy({ environment: own, fabric, informers }), resolve: createResolver({ informers, clusterDomain }) };
    return { users: 0, abort, parts };
  }
}

/** `/api/v1/nodes`, `/apis/apps/v1/namespaces/default/deployments`; not one object of them. */
const collectionPath = /^\/(?:api\/v1|apis\/[^/]+\/[^/]+)(?:\/namespaces\/[^/]+)?\/[^/]+$/;

function isCollection({ method, path }: ApiRequest): boolean {
  return method === 'GET' && collectionPath.test(path);
}

const processes = new WeakMap<object, ClusterProcess>();

/** `shared` is the same object for all nodes of a cluster in this process. */
export function clusterProcess(shared: object): ClusterProcess {
  const known = processes.get(shared);
  if (known) return known;
  const made = new ClusterProcess();
  processes.set(shared, made);
  return made;
}

async function unavailable(): Promise<ApiResponse> {
  const { status } = new StatusError('ServiceUnavailable', 'no control plane of the cluster runs');
  const object = status as unknown as KubeObject;
  return { status: status.code, body: { type: 'object', object, encoded: () => Buffer.from(JSON.stringify(object)) } };
}
