import type { Socket } from 'node:net';
import { messageOf } from '../lib/errors.ts';
import type { ConnectionHandler, Fabric, Listener, ListenOptions, Owner } from './fabric.ts';
import { openHostListener } from './host-listener.ts';
import { MemoryFabric, type MemoryFabricOptions } from './memory-fabric.ts';

/** What listens on the user's machine: everything, only what users are meant to reach from outside, nothing. */
export type Exposure = 'all' | 'services' | 'none';

export interface LoopbackFabricOptions extends MemoryFabricOptions {
  /** The cluster's address blocks, inside 127.0.0.0/8 where plain clients shall reach them. */
  blocks: readonly string[];
  expose: Exposure;
  /** Above this number of listeners on the machine pods get none; default 8,000. */
  maxListeners?: number;
}

/** What people reach from outside a cluster too: services, their node ports (owned by the node), load balancers, the API server. */
const outsideOwners = new Set<Owner['type']>(['service', 'node', 'loadBalancer', 'apiserver']);

/** The memory fabric, with real TCP listeners for clients on the user's machine. Dials never leave the process. */
export function createLoopbackFabric(options: LoopbackFabricOptions): Fabric {
  return new LoopbackFabric(options);
}

class LoopbackFabric extends MemoryFabric {
  private readonly expose: Exposure;
  private readonly maxListeners: number;
  private open = 0;
  private warned = false;

  constructor(options: LoopbackFabricOptions) {
    super(options);
    this.expose = options.expose;
    this.maxListeners = options.maxListeners ?? 8000;
  }

  override async listen(owner: Owner, ip: string, port: number, handler: ConnectionHandler, options: ListenOptions = {}): Promise<Listener> {
    const inner = await super.listen(owner, ip, port, handler, options);
    if (options.loopbackOnly || !this.shows(owner)) return inner;
    this.open++;
    try {
      const host = await openHostListener(ip, port, (socket) => this.fromOutside(socket, ip, port));
      const closeInner = inner.close.bind(inner);
      let done = false;
      inner.exposed = host.exposed;
      inner.close = async () => {
        if (!done) {
          done = true;
          this.open--;
          host.close();
        }
        await closeInner();
      };
      // The fabric may have been closed while the system bound the port.
      if (this.closed) await inner.close();
    } catch (error) {
      this.open--;
      this.notExposed(ip, port, error);
    }
    return inner;
  }

  private shows(owner: Owner): boolean {
    if (this.expose === 'none') return false;
    return outsideOwners.has(owner.type) || (this.expose === 'all' && this.open < this.maxListeners);
  }

  private fromOutside(socket: Socket, ip: string, port: number): void {
    socket.on('error', () => {});
    const entry = this.entry(ip, port);
    if (!entry || this.closed) {
      socket.destroy();
      return;
    }
    this.track(socket);
    this.accept(entry, { stream: socket, remote: { ip: socket.remoteAddress ?? '127.0.0.1', port: socket.remotePort ?? 0 }, source: { type: 'outside' } });
  }

  private notExposed(ip: string, port: number, error: unknown): void {
    if (this.warned) return;
    this.warned = true;
    this.environment.log.warn('addresses of the cluster cannot be opened on this machine; they work inside the cluster', { ip, port, cause: messageOf(error) });
  }
}
