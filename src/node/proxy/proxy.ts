import type { Socket } from 'node:net';
import { type Duplex, pipeline } from 'node:stream';
import type { Connection, Fabric, Owner, Source } from '../../fabric/fabric.ts';
import type { SharedInformers } from '../../kube/informer.ts';
import type { EndpointSlice, Service } from '../../kube/objects.ts';
import { objectKey } from '../../kube/objects.ts';
import { resourceTypes } from '../../kube/resource-types.ts';
import type { Environment } from '../../lib/environment.ts';
import { DrainWatch } from './drain-watch.ts';
import { ListenerSet } from './listener-set.ts';
import type { Backend } from './rotation.ts';
import { backendsOf, ServicePortState } from './service-port.ts';

export interface ProxyOptions {
  environment: Environment;
  fabric: Fabric;
  /** Services and EndpointSlices are read from these. */
  informers: SharedInformers;
}

export interface ProxyNode {
  name: string;
  ip: string;
}

/** What kube-proxy does, for all nodes of one process at once: a Service's addresses are opened once and share one cursor for each port. */
export interface ServiceProxy {
  /** Opens the node ports on this node's address. */
  addNode(node: ProxyNode): void;
  removeNode(name: string): void;
  /** Resolves when no Service sends new connections to the pod's address any more; at the latest after two seconds. */
  drained(ip: string): Promise<void>;
  /** Resolves when the Services known so far can be reached. */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

interface Address {
  ip: string;
  port: number;
  state: ServicePortState;
  /** Set for a node port. */
  viaNode: ProxyNode | undefined;
}

interface OpenService {
  ports: Map<string, ServicePortState>;
  addresses: Address[];
  /** Takes back that the cluster IP is in use. */
  release(): void;
}

const serviceNameLabel = 'kubernetes.io/service-name';
const bySlice = 'serviceName';

export function createProxy(options: ProxyOptions): ServiceProxy {
  return new ProcessProxy(options);
}

class ProcessProxy implements ServiceProxy {
  private readonly environment: Environment;
  private readonly fabric: Fabric;
  private readonly listeners: ListenerSet;
  private readonly drains: DrainWatch;
  private readonly services;
  private readonly slices;
  private readonly nodes = new Map<string, ProxyNode>();
  private readonly open = new Map<string, OpenService>();
  /** Addresses of pods that are about to end and that the API still lists as ready. */
  private readonly leaving = new Set<string>();
  private readonly stops: (() => void)[];

  constructor({ environment, fabric, informers }: ProxyOptions) {
    this.environment = environment;
    this.fabric = fabric;
    this.listeners = new ListenerSet(fabric, environment);
    this.drains = new DrainWatch(environment.clock);
    this.services = informers.for<Service>(resourceTypes.services);
    this.slices = informers.for<EndpointSlice>(resourceTypes.endpointSlices);
    this.slices.addIndex(bySlice, (slice) => [serviceKeyOf(slice)]);
    const slice = (object: EndpointSlice) => this.endpointsChanged(serviceKeyOf(object));
    this.stops = [
      this.slices.handle({ add: slice, update: (_old, object) => slice(object), deleted: slice }),
      this.services.handle({
        add: (service) => this.serviceChanged(service),
        update: (_old, service) => this.serviceChanged(service),
        deleted: (service) => this.serviceGone(objectKey(service)),
      }),
    ];
  }

  addNode(node: ProxyNode): void {
    this.nodes.set(node.name, node);
    for (const service of this.services.list()) this.serviceChanged(service);
  }

  removeNode(name: string): void {
    if (!this.nodes.delete(name)) return;
    for (const service of this.services.list()) this.serviceChanged(service);
  }

  drained(ip: string): Promise<void> {
    // This proxy need not wait for the API to say so; the wait is for proxies elsewhere.
    if (this.drains.has(ip)) {
      this.leaving.add(ip);
      for (const [key, { ports }] of this.open) if ([...ports.values()].some(({ listed }) => listed.includes(ip))) this.endpointsChanged(key);
    }
    return this.drains.drained(ip);
  }

  async ready(): Promise<void> {
    await Promise.all([this.services.synced, this.slices.synced]);
    await this.listeners.settled();
  }

  async stop(): Promise<void> {
    for (const stop of this.stops) stop();
    for (const { release } of this.open.values()) release();
    await this.listeners.close();
  }

  private serviceChanged(service: Service): void {
    const key = objectKey(service);
    const before = this.open.get(key);
    if (!before) this.warnOfOtherProtocols(service);
    const next = this.describe(service, before);
    this.open.set(key, next);
    for (const [name, state] of before?.ports ?? []) if (!next.ports.has(name)) this.updateBackends(state, service, []);
    const wanted = new Set(next.addresses.map(({ ip, port }) => `${ip}:${port}`));
    for (const { ip, port } of before?.addresses ?? []) if (!wanted.has(`${ip}:${port}`)) this.listeners.drop(ip, port);
    before?.release();
    this.endpointsChanged(key);
  }

  /** Ports that were there already keep their state: their cursors and clients. */
  private describe(service: Service, before: OpenService | undefined): OpenService {
    const served = servedPorts(service);
    const clusterIp = served.length > 0 ? service.spec.clusterIP : undefined;
    const open: OpenService = { ports: new Map(), addresses: [], release: clusterIp ? this.fabric.assign(clusterIp) : () => {} };
    for (const port of served) {
      const name = port.name ?? '';
      const state = before?.ports.get(name) ?? new ServicePortState(service);
      open.ports.set(name, state);
      if (clusterIp) open.addresses.push({ ip: clusterIp, port: port.port, state, viaNode: undefined });
      if (port.nodePort) for (const node of this.nodes.values()) open.addresses.push({ ip: node.ip, port: port.nodePort, state, viaNode: node });
    }
    return open;
  }

  private warnOfOtherProtocols(service: Service): void {
    const others = service.spec.ports?.filter(({ protocol }) => (protocol ?? 'TCP') !== 'TCP') ?? [];
    if (others.length > 0) this.environment.log.warn('only the TCP ports of a Service are served', { service: objectKey(service), ports: others.map(({ port }) => port) });
  }

  private serviceGone(key: string): void {
    const open = this.open.get(key);
    this.open.delete(key);
    for (const { ip, port } of open?.addresses ?? []) this.listeners.drop(ip, port);
    for (const state of open?.ports.values() ?? []) this.updateBackends(state, undefined, []);
    open?.release();
  }

  /** An address is open while something is behind it: a client (or a load balancer that has other nodes to try) is refused at once otherwise. */
  private endpointsChanged(key: string): void {
    const open = this.open.get(key);
    const service = this.services.get(key);
    if (!open || !service) return;
    const slices = this.slices.byIndex(bySlice, key);
    for (const port of servedPorts(service)) {
      const state = open.ports.get(port.name ?? '');
      if (state) this.updateBackends(state, service, backendsOf(port, slices));
    }
    for (const { ip, port, state, viaNode } of open.addresses) {
      const owner: Owner = { type: viaNode ? 'node' : 'service', name: key };
      if (state.reachable(viaNode?.name)) this.listeners.want({ owner, ip, port, handler: (connection) => void this.accept(connection, state, viaNode) });
      else this.listeners.drop(ip, port);
    }
  }

  private updateBackends(state: ServicePortState, service: Service | undefined, backends: readonly Backend[]): void {
    const before = state.listed;
    state.listed = backends.filter(({ ready }) => ready).map(({ ip }) => ip);
    for (const ip of state.listed) this.drains.add(ip);
    for (const ip of before) if (this.drains.remove(ip)) this.leaving.delete(ip);
    const now = backends.map((backend) => (backend.ready && this.leaving.has(backend.ip) ? { ...backend, ready: false, serving: true, terminating: true } : backend));
    if (service) state.update(service, now);
    else state.rotation.update(now);
  }

  private async accept(connection: Connection, state: ServicePortState, viaNode: ProxyNode | undefined): Promise<void> {
    if (connection.source.type === 'loadBalancer' && connection.source.healthCheck) {
      if (state.available(connection, viaNode?.name)) connection.stream.end();
      else reset(connection.stream);
      return;
    }
    const from: Source = viaNode && state.masquerades(viaNode.name) ? { type: 'node', name: viaNode.name, ip: viaNode.ip } : connection.source;
    const tried = new Set<Backend>();
    for (;;) {
      const backend = state.pick(connection, viaNode?.name, tried, this.environment.clock.now());
      if (!backend) break;
      if (this.fabric.handOff(connection, from, backend.ip, backend.port)) return;
      const remote = await this.fabric.connect(from, backend.ip, backend.port).catch(() => undefined);
      if (remote) {
        join(connection.stream, remote);
        return;
      }
      tried.add(backend);
    }
    reset(connection.stream);
  }
}

/** TCP ports of a Service that has an address of its own. */
function servedPorts(service: Service): NonNullable<Service['spec']['ports']> {
  const { type, clusterIP, ports = [] } = service.spec;
  if (type === 'ExternalName' || !clusterIP || clusterIP === 'None') return [];
  return ports.filter(({ protocol }) => (protocol ?? 'TCP') === 'TCP');
}

function serviceKeyOf(slice: EndpointSlice): string {
  return `${slice.metadata.namespace}/${slice.metadata.labels?.[serviceNameLabel] ?? ''}`;
}

function join(client: Duplex, backend: Duplex): void {
  const done = () => {};
  pipeline(client, backend, done);
  pipeline(backend, client, done);
}

/** As a host answers where nobody listens. */
function reset(stream: Duplex): void {
  const socket = stream as Duplex & Partial<Pick<Socket, 'resetAndDestroy'>>;
  if (socket.resetAndDestroy) socket.resetAndDestroy();
  else stream.destroy(Object.assign(new Error('connection refused: the Service has no endpoints'), { code: 'ECONNREFUSED' }));
}
