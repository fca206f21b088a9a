import type { Duplex } from 'node:stream';
import { type Cidr, cidrContainsIp, nthIp, parseCidr, parseIp } from '../lib/cidr.ts';
import type { Environment } from '../lib/environment.ts';
import { KopsError } from '../lib/errors.ts';
import type { Connection, ConnectionHandler, Fabric, Listener, ListenOptions, Owner, Source } from './fabric.ts';
import { memoryStreamPair } from './memory-stream.ts';
import { systemError } from './system-error.ts';

export interface MemoryFabricOptions {
  environment: Environment;
  /** The cluster's own address blocks. Only needed when they lie in 127.0.0.0/8, where every other address is the dialler's own loopback. */
  blocks?: readonly string[];
}

export interface Entry {
  owner: Owner;
  listener: Listener;
  handler: ConnectionHandler;
  loopbackOnly: boolean;
}

/** A network inside the process: no sockets, no host. */
export function createMemoryFabric(options: MemoryFabricOptions): Fabric {
  return new MemoryFabric(options);
}

export class MemoryFabric implements Fabric {
  protected readonly environment: Environment;
  protected readonly blocks: Cidr[];
  private readonly gateway: string;
  private readonly entries = new Map<string, Entry>();
  protected readonly uses = new Map<string, number>();
  private readonly streams = new Set<Duplex>();
  private lastPort = 32767;
  protected closed = false;

  constructor(options: MemoryFabricOptions) {
    this.environment = options.environment;
    this.blocks = (options.blocks ?? []).map(blockOf);
    this.gateway = this.blocks[0] ? nthIp(this.blocks[0], 1) : '192.0.2.1';
  }

  async connect(from: Source, ip: string, port: number): Promise<Duplex> {
    const own = this.isLoopback(ip);
    const target = own ? ownIp(from) : ip;
    const entry = target === undefined ? undefined : this.entries.get(keyOf(target, port));
    if (target === undefined || !entry || this.closed || (entry.loopbackOnly && !(own || ownIp(from) === target))) {
      const known = own || this.uses.has(ip) || ownIp(from) === ip;
      throw systemError(known ? 'ECONNREFUSED' : 'EHOSTUNREACH', 'connect', ip, port);
    }
    const remote = { ip: own ? '127.0.0.1' : this.addressOf(from), port: this.nextPort() };
    const pair = memoryStreamPair(remote, { ip: target, port });
    this.track(pair.client);
    this.accept(entry, { stream: pair.server, remote, source: from });
    return pair.client;
  }

  async listen(owner: Owner, ip: string, port: number, handler: ConnectionHandler, options: ListenOptions = {}): Promise<Listener> {
    const key = keyOf(ip, port);
    if (this.closed) throw new KopsError('the network of the cluster is closed', { code: 'FABRIC_CLOSED', exit: 'bug' });
    if (this.entries.has(key)) throw systemError('EADDRINUSE', 'listen', ip, port);
    const release = this.assign(ip);
    const close = async () => {
      if (this.entries.get(key) !== entry) return;
      this.entries.delete(key);
      release();
    };
    const entry: Entry = { owner, handler, loopbackOnly: options.loopbackOnly ?? false, listener: { ip, port, exposed: undefined, close } };
    this.entries.set(key, entry);
    return entry.listener;
  }

  handOff(connection: Connection, from: Source, ip: string, port: number): boolean {
    const entry = this.entries.get(keyOf(ip, port));
    if (!entry || entry.loopbackOnly || this.closed) return false;
    const remote = from === connection.source ? connection.remote : { ip: this.addressOf(from), port: connection.remote.port };
    this.accept(entry, { stream: connection.stream, remote, source: from });
    return true;
  }

  assign(ip: string): () => void {
    this.uses.set(ip, (this.uses.get(ip) ?? 0) + 1);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      const left = (this.uses.get(ip) ?? 1) - 1;
      if (left === 0) this.uses.delete(ip);
      else this.uses.set(ip, left);
    };
  }

  listeners(): readonly { owner: Owner; listener: Listener }[] {
    return [...this.entries.values()];
  }

  async close(): Promise<void> {
    this.closed = true;
    const listeners = [...this.entries.values()].map((entry) => entry.listener.close());
    for (const stream of this.streams) stream.destroy();
    await Promise.all(listeners);
  }

  protected entry(ip: string, port: number): Entry | undefined {
    return this.entries.get(keyOf(ip, port));
  }

  /** Remembers a stream until it closes, so that `close` can end it. */
  protected track(stream: Duplex): void {
    this.streams.add(stream);
    stream.once('close', () => this.streams.delete(stream));
  }

  protected accept(entry: Entry, connection: Connection): void {
    try {
      entry.handler(connection);
    } catch (error) {
      this.environment.log.error('a listener failed on a new connection', { owner: entry.owner, error });
      connection.stream.destroy();
    }
  }

  /** Whether a dialler means itself: localhost, or any loopback address that is not one of this cluster. */
  protected isLoopback(ip: string): boolean {
    if (ip === 'localhost' || ip === '::1' || ip === '0.0.0.0') return true;
    const value = parseIp(ip);
    return value !== undefined && value >>> 24 === 127 && !this.blocks.some((block) => cidrContainsIp(block, value));
  }

  private addressOf(from: Source): string {
    return ownIp(from) ?? this.gateway;
  }

  private nextPort(): number {
    this.lastPort = this.lastPort >= 60999 ? 32768 : this.lastPort + 1;
    return this.lastPort;
  }
}

export function ownIp(from: Source): string | undefined {
  return from.type === 'pod' || from.type === 'node' ? from.ip : undefined;
}

function keyOf(ip: string, port: number): string {
  return `${ip}:${port}`;
}

export function blockOf(text: string): Cidr {
  const cidr = parseCidr(text);
  if (!cidr) throw new KopsError(`${text} is not an IPv4 address block`, { code: 'INVALID_CIDR', exit: 'invalid', object: text });
  return cidr;
}
