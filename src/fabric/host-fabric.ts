import { connect as connectTcp, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Cidr, cidrContainsIp, cidrsOverlap, formatCidr, formatIp, maskedCidr, parseCidr, parseIp } from '../lib/cidr.ts';
import { KopsError, messageOf } from '../lib/errors.ts';
import type { ConnectionHandler, Fabric, Listener, ListenOptions, Owner, Source } from './fabric.ts';
import { blockOf, MemoryFabric, type MemoryFabricOptions, ownIp } from './memory-fabric.ts';
import { systemError } from './system-error.ts';

export interface HostFabricOptions extends MemoryFabricOptions {
  /** The network that the machine is in: what may be dialled from the start. */
  blocks: readonly string[];
  /** Makes all addresses of a block the machine's own: `ip route add local … dev lo`. */
  addLocalRoute(cidr: string): Promise<void>;
}

export interface HostFabric extends Fabric {
  /** Pods and Services of the cluster may listen and be dialled from now on. Throws UNSUPPORTED_NETWORK where their addresses are those of machines, or none of IPv4. */
  open(networking: { networkCIDR: string; podCIDR: string; serviceClusterIPRange: string; nodePodCIDRPrefix: number }): Promise<void>;
}

const dialTimeoutMs = 10_000;
/** A machine that lost its power says no goodbye; the system asks for the other end of a silent connection after so long. */
const tcpKeepAlive = { keepAlive: true, keepAliveInitialDelay: 30_000 };

/**
 * The network of a machine of its own. What listens here has real sockets on its real address; what is dialled here without leaving the process
 * keeps its source; everything else of the cluster is dialled over TCP, from the pod's own address. Addresses outside of the cluster are refused.
 */
export function createHostFabric(options: HostFabricOptions): HostFabric {
  return new MachineFabric(options);
}

class MachineFabric extends MemoryFabric implements HostFabric {
  private readonly addLocalRoute: HostFabricOptions['addLocalRoute'];
  private readonly routes = new Map<string, Promise<void>>();
  /** Blocks that are this machine's alone: what does not listen in this process does not exist, whatever other programs listen on. */
  private readonly own = new Map<string, Cidr>();
  private pods: { block: Cidr; nodePrefix: number } | undefined;

  constructor(options: HostFabricOptions) {
    super(options);
    this.addLocalRoute = options.addLocalRoute;
  }

  async open({ networkCIDR, podCIDR, serviceClusterIPRange, nodePodCIDRPrefix }: Parameters<HostFabric['open']>[0]): Promise<void> {
    for (const [what, cidr] of Object.entries({ podCIDR, serviceClusterIPRange })) this.requireOwnBlock(what, cidr, networkCIDR);
    this.blocks.push(...[networkCIDR, podCIDR, serviceClusterIPRange].filter((cidr) => cidr !== '').map(blockOf));
    this.pods = { block: blockOf(podCIDR), nodePrefix: nodePodCIDRPrefix };
    // Every machine is the address of every Service.
    await this.makeLocal(serviceClusterIPRange);
  }

  /** A route that makes a part of the machines' network local would cut this machine off. */
  private requireOwnBlock(what: string, cidr: string, networkCIDR: string): void {
    const block = parseCidr(cidr);
    const machines = [...this.blocks, ...[parseCidr(networkCIDR)].filter((known) => known !== undefined)];
    if (block && !machines.some((other) => cidrsOverlap(block, other))) return;
    throw new KopsError(`${what} ${cidr} is no IPv4 block of its own: machines of this cluster cannot give it to ${what === 'podCIDR' ? 'pods' : 'Services'}`, {
      code: 'UNSUPPORTED_NETWORK',
      exit: 'invalid',
      object: what,
      expected: `a block apart from the network of the machines, ${networkCIDR}`,
    });
  }

  override async connect(from: Source, ip: string, port: number): Promise<Duplex> {
    if (from.type === 'pod') await this.routed(from.ip);
    const value = parseIp(ip);
    const own = value !== undefined && [...this.own.values()].some((block) => cidrContainsIp(block, value));
    if (own || this.closed || this.isLoopback(ip) || this.uses.has(ip)) return super.connect(from, ip, port);
    if (value === undefined || !this.blocks.some((block) => cidrContainsIp(block, value))) throw systemError('EHOSTUNREACH', 'connect', ip, port);
    const socket = await this.dial(ip, port, from.type === 'pod' ? ownIp(from) : undefined);
    this.track(socket);
    return socket;
  }

  override async listen(owner: Owner, ip: string, port: number, handler: ConnectionHandler, options: ListenOptions = {}): Promise<Listener> {
    const inner = await super.listen(owner, ip, port, handler, options);
    if (options.loopbackOnly) return inner;
    try {
      await this.routed(ip);
      const server = await bind(ip, port, (socket) => this.fromNetwork(socket, ip, port));
      const closeInner = inner.close.bind(inner);
      inner.exposed = { ip, port };
      inner.close = async () => {
        server.close();
        await closeInner();
      };
      // The fabric may have been closed while the system bound the port.
      if (this.closed) await inner.close();
      return inner;
    } catch (error) {
      await inner.close();
      throw error;
    }
  }

  override assign(ip: string): () => void {
    this.routed(ip).catch((error: unknown) => this.environment.log.error('an address of the cluster cannot be made one of this machine', { ip, error: messageOf(error) }));
    return super.assign(ip);
  }

  /** The part of the pod network that this node has comes with the first address of it. */
  private async routed(ip: string): Promise<void> {
    const value = parseIp(ip);
    if (value === undefined || !this.pods || !cidrContainsIp(this.pods.block, value)) return;
    await this.makeLocal(maskedCidr(`${formatIp(value)}/${this.pods.nodePrefix}`) ?? formatCidr(this.pods.block));
  }

  private makeLocal(cidr: string): Promise<void> {
    if (cidr === '') return Promise.resolve();
    this.own.set(cidr, blockOf(cidr));
    // All of 127.0.0.0/8 is local as it is.
    if (cidr.startsWith('127.')) return Promise.resolve();
    const known = this.routes.get(cidr);
    if (known) return known;
    const made = this.addLocalRoute(cidr);
    this.routes.set(cidr, made);
    made.catch(() => this.routes.delete(cidr));
    return made;
  }

  private dial(ip: string, port: number, localAddress: string | undefined): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = connectTcp({ host: ip, port, noDelay: true, ...tcpKeepAlive, allowHalfOpen: true, ...(localAddress === undefined ? {} : { localAddress }) });
      const timer = this.environment.clock.setTimer(dialTimeoutMs, () => socket.destroy(systemError('ETIMEDOUT', 'connect', ip, port)), { background: true });
      socket.once('error', reject);
      socket.once('close', () => timer.cancel());
      socket.once('connect', () => {
        timer.cancel();
        socket.removeListener('error', reject);
        // A reset that nobody listens for must not end the process.
        socket.on('error', () => {});
        resolve(socket);
      });
    });
  }

  private fromNetwork(socket: Socket, ip: string, port: number): void {
    socket.on('error', () => {});
    const entry = this.entry(ip, port);
    if (!entry || this.closed) {
      socket.destroy();
      return;
    }
    this.track(socket);
    this.accept(entry, { stream: socket, remote: { ip: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 }, source: { type: 'outside' } });
  }
}

function bind(host: string, port: number, onSocket: (socket: Socket) => void): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({ noDelay: true, ...tcpKeepAlive, allowHalfOpen: true }, onSocket);
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => {
      server.removeListener('error', reject);
      server.on('error', () => {});
      resolve(server);
    });
  });
}
