import type { Duplex } from 'node:stream';
import type { ConnectionHandler, Fabric, Listener, Source } from '../../../fabric/fabric.ts';
import { parseIp } from '../../../lib/cidr.ts';

/** Names to IPv4 addresses as a pod of that namespace sees them; empty when the name does not exist. */
export type Resolve = (name: string, namespace: string) => Promise<string[]>;

export interface PodNetworkOptions {
  fabric: Fabric;
  resolve: Resolve;
  source: Extract<Source, { type: 'pod' }>;
  hostname: string;
}

/** The network as the containers of one pod see it. */
export class PodNetwork {
  readonly ip: string;
  private readonly fabric: Fabric;
  private readonly resolve: Resolve;
  private readonly source: PodNetworkOptions['source'];
  private readonly hostname: string;
  private readonly listeners = new Map<Listener, string>();
  private readonly unassign: () => void;

  constructor(options: PodNetworkOptions) {
    this.fabric = options.fabric;
    this.resolve = options.resolve;
    this.source = options.source;
    this.hostname = options.hostname;
    this.ip = options.source.ip;
    this.unassign = options.fabric.assign(this.ip);
  }

  /** `address` is what the program binds: empty or 0.0.0.0 for all, 127.0.0.1 for the pod alone. Errors are the system's (EADDRINUSE). */
  async listen(address: string, port: number, handler: ConnectionHandler): Promise<Listener> {
    const loopbackOnly = address.startsWith('127.') && address !== this.ip;
    const owner = { type: 'pod' as const, name: `${this.source.namespace}/${this.source.name}` };
    const listener = await this.fabric.listen(owner, this.ip, port, handler, { loopbackOnly });
    this.listeners.set(listener, loopbackOnly ? '127.0.0.1' : '0.0.0.0');
    const close = async () => {
      this.listeners.delete(listener);
      await listener.close();
    };
    return { ip: listener.ip, port: listener.port, exposed: listener.exposed, close };
  }

  /** Addresses and ports that programs of the pod listen on. */
  listening(): { address: string; port: number }[] {
    return [...this.listeners].map(([{ port }, address]) => ({ address, port }));
  }

  connect(ip: string, port: number): Promise<Duplex> {
    return this.fabric.connect(this.source, ip, port);
  }

  async lookup(name: string): Promise<string[]> {
    if (name === 'localhost') return ['127.0.0.1'];
    if (name === this.hostname) return [this.ip];
    return parseIp(name) === undefined ? this.resolve(name, this.source.namespace) : [name];
  }

  async close(): Promise<void> {
    this.unassign();
    await Promise.all([...this.listeners.keys()].map((listener) => listener.close()));
    this.listeners.clear();
  }
}
