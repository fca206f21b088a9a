import type { Duplex } from 'node:stream';

/** Where a dial comes from. The cluster's own things name themselves; `outside` is the user's machine. */
export type Source =
  | { type: 'pod'; namespace: string; name: string; ip: string; node: string }
  | { type: 'node'; name: string; ip: string }
  /** `healthCheck`: only asks whether something would answer; a Service's proxy then moves no cursor. */
  | { type: 'loadBalancer'; name: string; healthCheck?: boolean }
  | { type: 'controlPlane' }
  | { type: 'outside' };

/** Who listens; shown when an address is taken or when addresses are listed. */
export interface Owner {
  type: 'pod' | 'service' | 'node' | 'loadBalancer' | 'apiserver' | 'dns';
  /** `namespace/name` or a plain name. */
  name: string;
}

export interface Connection {
  stream: Duplex;
  /** Where it came from as the listener may know it (a client address). */
  remote: { ip: string; port: number };
  source: Source;
}

/** A listener gets each accepted connection. For HTTP programs: `server.emit('connection', connection.stream)`. */
export type ConnectionHandler = (connection: Connection) => void;

export interface Listener {
  ip: string;
  port: number;
  /** Where plain clients on the user's machine reach it: the same address, or 127.0.0.1 and another port where the system does not allow it. Undefined: not exposed. */
  exposed: { ip: string; port: number } | undefined;
  /** Stops accepting. Open connections live on. */
  close(): Promise<void>;
}

export interface ListenOptions {
  /** Reached only from the same address through 127.0.0.1, as a program of a pod that binds its loopback; never exposed. */
  loopbackOnly?: boolean;
}

/**
 * All networking of a cluster. A dial reaches only listeners of the same fabric: never a server of the user, whatever the address says.
 * Errors are system-like: `code` ECONNREFUSED (nobody listens), EHOSTUNREACH (the address belongs to nobody here), EADDRINUSE.
 */
export interface Fabric {
  /** Inside a pod, 127.0.0.1 is that pod. */
  connect(from: Source, ip: string, port: number): Promise<Duplex>;
  listen(owner: Owner, ip: string, port: number, handler: ConnectionHandler, options?: ListenOptions): Promise<Listener>;
  /**
   * Gives an accepted connection to the listener of another address without a second hop: how a Service reaches the chosen pod.
   * That listener sees `from` as the source; pass `connection.source` to keep the client's address. False: nobody listens there, the
   * connection is untouched and another address can be tried. Nothing may have been read from or written to the stream before.
   */
  handOff(connection: Connection, from: Source, ip: string, port: number): boolean;
  /** Says that an address is in use although nobody listens on it: a dial is then refused (ECONNREFUSED) and not unreachable. Returns what takes it back. */
  assign(ip: string): () => void;
  listeners(): readonly { owner: Owner; listener: Listener }[];
  /** Closes every listener and connection. */
  close(): Promise<void>;
}
