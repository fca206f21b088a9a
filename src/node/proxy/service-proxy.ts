import type { Connection, Fabric, Listener } from '../../fabric/fabric.ts';
import type { SharedInformers } from '../../kube/informer.ts';
import { type EndpointSlice, objectKey, type Service, type ServicePort } from '../../kube/objects.ts';
import { resourceTypes } from '../../kube/resource-types.ts';
import { startWorkQueue, type WorkQueue } from '../../kube/work-queue.ts';
import type { Environment } from '../../lib/environment.ts';
import { messageOf } from '../../lib/errors.ts';
import { serviceKeyOf, targetsOf } from './endpoint-table.ts';
import { PortBalancer } from './port-balancer.ts';

export interface ServiceProxyOptions {
  environment: Environment;
  fabric: Fabric;
  /** As system:kube-proxy. */
  informers: SharedInformers;
}

/** The data path of Services for all nodes of a cluster in this process. */
export interface ServiceProxy {
  /** Node ports are served on its address from now on; the returned function ends that. */
  addNode(node: { name: string; ip: string }): () => void;
  /** Resolves when no Service sends new connections to the address: at once when none does. */
  drained(ip: string): Promise<void>;
  stop(): Promise<void>;
}

/** One listening address of a Service's port. */
interface Door {
  ip: string;
  port: number;
  balancer: PortBalancer;
  /** Set for node ports: the node whose endpoints traffic policy Local prefers. */
  nodeName: string | undefined;
  localOnly: boolean;
}

interface OpenDoor {
  door: Door;
  listener: Listener;
}

const sliceIndex = 'service';

export function startServiceProxy(options: ServiceProxyOptions): ServiceProxy {
  return new SharedServiceProxy(options);
}

class SharedServiceProxy implements ServiceProxy {
  private readonly options: ServiceProxyOptions;
  private readonly nodes = new Map<string, string>();
  /** By service key, then port number. */
  private readonly balancers = new Map<string, Map<number, PortBalancer>>();
  private readonly open = new Map<string, Map<string, OpenDoor>>();
  private readonly waiting = new Map<string, Set<() => void>>();
  private readonly queue: WorkQueue;
  private readonly unsubscribe: (() => void)[];
  private stopped = false;

  constructor(options: ServiceProxyOptions) {
    this.options = options;
    this.queue = startWorkQueue({ name: 'service-proxy', environment: options.environment, concurrency: 16, reconcile: (key) => this.reconcile(key) });
    this.slices.addIndex(sliceIndex, (slice) => [serviceKeyOf(slice) ?? '']);
    const serviceChanged = (service: Service) => this.changed(objectKey(service));
    const sliceChanged = (slice: EndpointSlice) => this.changed(serviceKeyOf(slice) ?? '');
    this.unsubscribe = [
      this.services.handle({ add: serviceChanged, update: (_old, service) => serviceChanged(service), deleted: serviceChanged }),
      this.slices.handle({ add: sliceChanged, update: (_old, slice) => sliceChanged(slice), deleted: sliceChanged }),
    ];
  }

  addNode({ name, ip }: { name: string; ip: string }): () => void {
    this.nodes.set(name, ip);
    this.everyService();
    return () => {
      if (this.nodes.get(name) !== ip) return;
      this.nodes.delete(name);
      this.everyService();
    };
  }

  drained(ip: string): Promise<void> {
    if (!this.serves(ip)) return Promise.resolve();
    return new Promise((resolve) => {
      const waiters = this.waiting.get(ip) ?? new Set();
      waiters.add(resolve);
      this.waiting.set(ip, waiters);
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    for (const end of this.unsubscribe) end();
    await this.queue.stop();
    await Promise.all([...this.open.values()].flatMap((doors) => [...doors.values()].map(({ listener }) => listener.close())));
    for (const waiters of this.waiting.values()) for (const resolve of waiters) resolve();
  }

  private get services() {
    return this.options.informers.for<Service>(resourceTypes.services);
  }

  private get slices() {
    return this.options.informers.for<EndpointSlice>(resourceTypes.endpointSlices);
  }

  private everyService(): void {
    for (const service of this.services.list()) if (!this.stopped) this.queue.add(objectKey(service));
  }

  /** Endpoints count at once; listeners follow through the queue. */
  private changed(key: string): void {
    const service = this.services.get(key);
    if (service) this.updateBalancers(key, service);
    else this.balancers.delete(key);
    if (!this.stopped) this.queue.add(key);
    for (const [ip, waiters] of this.waiting) {
      if (this.serves(ip)) continue;
      this.waiting.delete(ip);
      for (const resolve of waiters) resolve();
    }
  }

  private updateBalancers(key: string, service: Service): void {
    const balancers = this.balancers.get(key) ?? new Map<number, PortBalancer>();
    this.balancers.set(key, balancers);
    const ports = service.spec.ports ?? [];
    for (const number of balancers.keys()) if (!ports.some((port) => port.port === number)) balancers.delete(number);
    for (const port of ports) {
      const balancer = balancers.get(port.port) ?? new PortBalancer(this.options.environment.clock);
      balancers.set(port.port, balancer);
      balancer.update(service, targetsOf(service, port, this.slices.byIndex(sliceIndex, key)));
    }
  }

  private serves(ip: string): boolean {
    for (const balancers of this.balancers.values()) for (const balancer of balancers.values()) if (balancer.includes(ip)) return true;
    return false;
  }

  private async reconcile(key: string): Promise<void> {
    const service = this.services.get(key);
    const wanted = new Map((service ? this.doorsOf(key, service) : []).map((door) => [`${door.ip}:${door.port}`, door]));
    const open = this.open.get(key) ?? new Map<string, OpenDoor>();
    this.open.set(key, open);
    for (const [address, { door, listener }] of open) {
      const now = wanted.get(address);
      if (now?.balancer === door.balancer && now.localOnly === door.localOnly) continue;
      open.delete(address);
      await listener.close();
    }
    for (const [address, door] of wanted) if (!open.has(address)) await this.openDoor(key, address, door, open);
    if (open.size === 0) this.open.delete(key);
  }

  private async openDoor(key: string, address: string, door: Door, open: Map<string, OpenDoor>): Promise<void> {
    const { fabric, environment } = this.options;
    try {
      const listener = await fabric.listen({ type: 'service', name: key }, door.ip, door.port, (connection) => this.accept(connection, door));
      open.set(address, { door, listener });
    } catch (error) {
      environment.log.warn('a Service address cannot be served', { service: key, address, error: messageOf(error) });
      throw error;
    }
  }

  private doorsOf(key: string, service: Service): Door[] {
    const balancers = this.balancers.get(key);
    return (service.spec.ports ?? [])
      .filter((port) => (port.protocol ?? 'TCP') === 'TCP')
      .flatMap((port) => {
        const balancer = balancers?.get(port.port);
        return balancer ? this.portDoors(service, port, balancer) : [];
      });
  }

  private portDoors(service: Service, port: ServicePort, balancer: PortBalancer): Door[] {
    const { clusterIP, internalTrafficPolicy, externalTrafficPolicy } = service.spec;
    const doors: Door[] = [];
    if (clusterIP && clusterIP !== 'None') doors.push({ ip: clusterIP, port: port.port, balancer, nodeName: undefined, localOnly: internalTrafficPolicy === 'Local' });
    if (port.nodePort === undefined) return doors;
    for (const [nodeName, ip] of this.nodes) doors.push({ ip, port: port.nodePort, balancer, nodeName, localOnly: externalTrafficPolicy === 'Local' });
    return doors;
  }

  /** The first endpoint that takes it gets the connection; a pod that just left is passed over, so that no request fails. */
  private accept(connection: Connection, door: Door): void {
    const nodeName = door.nodeName ?? sourceNode(connection);
    const locality = door.localOnly && nodeName !== undefined ? { nodeName } : undefined;
    for (const target of door.balancer.order(connection, locality)) {
      if (!this.options.fabric.handOff(connection, connection.source, target.ip, target.port)) continue;
      door.balancer.taken(connection, target);
      return;
    }
    // Nobody is behind it: a real node's rules reject such a connection.
    connection.stream.destroy();
  }
}

function sourceNode({ source }: Connection): string | undefined {
  return source.type === 'pod' ? source.node : source.type === 'node' ? source.name : undefined;
}
