import { createApiServer } from '../../../src/control-plane/apiserver/apiserver.ts';
import { runControllers } from '../../../src/control-plane/controllers/controller.ts';
import { startEndpointSliceController } from '../../../src/control-plane/controllers/endpoint-slice/endpoint-slice-controller.ts';
import { createMemoryStore } from '../../../src/control-plane/store/memory-store.ts';
import type { Fabric } from '../../../src/fabric/fabric.ts';
import { createMemoryFabric } from '../../../src/fabric/memory-fabric.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import { type SharedInformers, sharedInformers } from '../../../src/kube/informer.ts';
import type { KubeletClient } from '../../../src/kube/kubelet-api.ts';
import type { EndpointSlice, EventObject, KubeObject, Pod, PodSpec, Service } from '../../../src/kube/objects.ts';
import { resourceTypes } from '../../../src/kube/resource-types.ts';
import { isStatus } from '../../../src/kube/status.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import type { Environment } from '../../../src/lib/environment.ts';
import { createLog, silentLog } from '../../../src/lib/log.ts';
import { SeededRandom } from '../../../src/lib/random.ts';
import { type NodeAgent, type NodeAgentOptions, startNodeAgent } from '../../../src/node/agent.ts';
import { createResolver } from '../../../src/node/dns/resolver.ts';
import type { NodeIdentity } from '../../../src/node/kubelet/node-identity.ts';
import { createProxy, type ServiceProxy } from '../../../src/node/proxy/proxy.ts';
import { createSimulatedRuntime } from '../../../src/node/runtime/simulated-runtime.ts';
import { createKeyset, type Keyset } from '../../../src/pki/keyset.ts';

const admin = { name: 'admin', groups: ['system:masters'] };

let keyset: Promise<Keyset> | undefined;

/** Made once: keys take their time. */
function serviceAccountKeys(): Promise<Keyset> {
  keyset ??= createKeyset('service-account', { clock: new VirtualClock(), random: new SeededRandom(3) });
  return keyset;
}

/** An API server, a network and nodes under a virtual clock: everything real, nothing outside the process. */
export class TestCluster {
  readonly clock: VirtualClock;
  readonly environment: Environment;
  readonly fabric: Fabric;
  readonly agents = new Map<string, NodeAgent>();
  readonly client: KubeClient;
  readonly informers: SharedInformers;
  readonly controllers: { stop(): Promise<void> };
  readonly proxy: ServiceProxy;
  readonly close: () => Promise<void>;
  private readonly phases = new Map<string, string[]>();

  static async start(): Promise<TestCluster> {
    const clock = new VirtualClock();
    const environment: Environment = {
      clock,
      random: new SeededRandom(7),
      log: process.env.TEST_LOG ? createLog({ clock, sink: (line) => process.stderr.write(line), level: 'debug' }) : silentLog,
      signal: new AbortController().signal,
      variables: {},
    };
    const store = createMemoryStore({ clock });
    let cluster: TestCluster | undefined;
    const kubelets = (name: string): KubeletClient | undefined => cluster?.agents.get(name)?.kubelet;
    const api = await createApiServer({
      store,
      environment,
      kubernetesVersion: 'v1.36.0',
      serviceClusterIPRange: '10.96.0.0/16',
      authorization: 'alwaysAllow',
      serviceAccountKeys: { issuer: 'https://kubernetes.default.svc.cluster.local', keyset: await serviceAccountKeys() },
      kubelets,
    });
    cluster = new TestCluster(clock, environment, api.client(admin), async () => {
      api.stop();
      await store.close();
    });
    for (const name of ['default', 'kube-system', 'kube-node-lease'])
      await cluster.client.create(resourceTypes.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    await cluster.client
      .create(resourceTypes.serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } })
      .catch(() => undefined);
    return cluster;
  }

  private constructor(clock: VirtualClock, environment: Environment, client: KubeClient, close: () => Promise<void>) {
    this.clock = clock;
    this.environment = environment;
    this.fabric = createMemoryFabric({ environment });
    this.client = client;
    this.informers = sharedInformers(client, this.environment);
    this.controllers = runControllers({ client, informers: this.informers, environment }, [startEndpointSliceController], (context) => context);
    this.proxy = createProxy({ environment: this.environment, fabric: this.fabric, informers: this.informers });
    const seen = ({ metadata, status }: Pod) => this.phases.set(metadata.name, [...(this.phases.get(metadata.name) ?? []), status?.phase ?? '']);
    this.informers.for<Pod>(resourceTypes.pods).handle({ add: seen, update: (_old, pod) => seen(pod) });
    this.close = async () => {
      for (const agent of this.agents.values()) await agent.stop({ graceful: false });
      await this.proxy.stop();
      await this.controllers.stop();
      this.informers.stop();
      await this.fabric.close();
      await close();
    };
  }

  async addNode(name: string, index = 1, more: Partial<NodeIdentity> = {}, options: Partial<NodeAgentOptions> = {}): Promise<NodeAgent> {
    const node: NodeIdentity = {
      name,
      ip: `10.1.0.${index}`,
      role: 'Node',
      kubernetesVersion: 'v1.36.0',
      vcpus: 2,
      memoryGib: 4,
      architecture: 'amd64',
      labels: { 'node-role.kubernetes.io/node': '' },
      taints: [],
      maxPods: 110,
      cloudControllers: false,
      podCIDR: `10.2.${index}.0/24`,
      clusterDomain: 'cluster.local',
      ...more,
    };
    const { environment, fabric, client, informers, proxy } = this;
    const resolve = createResolver({ informers, clusterDomain: 'cluster.local' });
    const runtime = createSimulatedRuntime({ environment, fabric, nodeName: name, nodeIp: node.ip, resolve });
    const agent = startNodeAgent({ environment, client, runtime, fabric, node, informers, proxy, ...options });
    this.agents.set(name, agent);
    await this.until(agent.started);
    return agent;
  }

  createPod(name: string, spec: Partial<PodSpec> & { containers: PodSpec['containers'] }, labels: Record<string, string> = {}): Promise<Pod> {
    return this.client.create<Pod>(resourceTypes.pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default', labels },
      spec: { nodeName: 'node-1', automountServiceAccountToken: false, ...spec },
    });
  }

  async pod(name: string, namespace = 'default'): Promise<Pod | undefined> {
    return this.client.get<Pod>(resourceTypes.pods, namespace, name).catch((error: unknown) => {
      if (isStatus(error, 'NotFound')) return undefined;
      throw error;
    });
  }

  /** Lets time pass in small steps until the check holds; fails with the last value after `limitMs` of virtual time. */
  async eventually<T>(read: () => Promise<T> | T, holds: (value: T) => boolean, limitMs = 60_000): Promise<T> {
    let value = await read();
    for (let passed = 0; !holds(value); passed += 20) {
      if (passed > limitMs) throw new Error(`not within ${limitMs} ms: ${JSON.stringify(value, undefined, 1)}`);
      await this.clock.advance(20);
      value = await read();
    }
    return value;
  }

  podWhere(name: string, holds: (pod: Pod) => boolean, limitMs?: number): Promise<Pod> {
    return this.eventually(
      () => this.pod(name),
      (pod) => pod !== undefined && holds(pod),
      limitMs,
    ) as Promise<Pod>;
  }

  /** Lets time pass until the promise is settled. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let done = false;
    const finished = promise.finally(() => {
      done = true;
    });
    finished.catch(() => undefined);
    for (let step = 0; !done && step < 5_000; step++) await this.clock.advance(10);
    return finished;
  }

  async events(name: string): Promise<string[]> {
    const { items } = await this.client.list<EventObject>(resourceTypes.events, { namespace: 'default' });
    return items.filter(({ involvedObject }) => involvedObject.name === name).map(({ type, reason, message }) => `${type} ${reason} ${message}`);
  }

  /** The phases of a pod, one for each time it was written. */
  versionsOf(name: string): string[] {
    return this.phases.get(name) ?? [];
  }

  async log(pod: string, container: string, node = 'node-1', previous = false): Promise<string> {
    const { metadata } = (await this.pod(pod)) as Pod;
    const reference = { namespace: 'default', name: pod, uid: metadata.uid ?? '' };
    const chunks: Uint8Array[] = [];
    const log = await this.agents.get(node)?.kubelet.logs(reference, container, { follow: false, previous, timestamps: false, signal: new AbortController().signal });
    for await (const chunk of log ?? []) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  }

  /** What a command prints in the container `main`. */
  async exec(pod: string, uid: string, command: string[], node = 'node-1'): Promise<string> {
    const chunks: Uint8Array[] = [];
    const collect = (chunk: Uint8Array) => chunks.push(chunk);
    const streams = { stdout: collect, stderr: collect, tty: false, signal: new AbortController().signal };
    await this.until(this.agents.get(node)?.kubelet.exec({ namespace: 'default', name: pod, uid }, 'main', command, streams) ?? Promise.resolve(0));
    return Buffer.concat(chunks).toString();
  }

  createService(name: string, spec: Service['spec']): Promise<Service> {
    return this.client.create<Service>(resourceTypes.services, { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec });
  }

  slice(service: string, endpoints: EndpointSlice['endpoints'], port: number, name = service): EndpointSlice {
    return {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name, namespace: 'default', labels: { 'kubernetes.io/service-name': service } },
      addressType: 'IPv4',
      endpoints,
      ports: [{ name: '', port, protocol: 'TCP' }],
    };
  }

  async put<T extends KubeObject>(type: Parameters<KubeClient['create']>[0], object: T): Promise<T> {
    return this.client.create(type, object).catch(async (error: unknown) => {
      if (!isStatus(error, 'AlreadyExists')) throw error;
      return this.client.update(type, object);
    });
  }

  /** The body of an HTTP answer, as a client on the user's machine gets it; rejects when the connection fails. */
  async get(ip: string, port: number, path = '/'): Promise<string> {
    const stream = await this.fabric.connect({ type: 'outside' }, ip, port);
    const answer = new Promise<string>((resolve, reject) => {
      let text = '';
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      stream.on('end', () => (text === '' ? reject(new Error('empty answer')) : resolve(text.slice(text.indexOf('\r\n\r\n') + 4))));
      stream.on('error', reject);
    });
    stream.write(`GET ${path} HTTP/1.1\r\nHost: ${ip}\r\nConnection: close\r\n\r\n`);
    return answer;
  }
}
