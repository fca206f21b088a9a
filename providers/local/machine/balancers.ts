import type { Connection, Fabric, Listener } from '../../../src/fabric/fabric.ts';
import type { Log } from '../../../src/lib/log.ts';
import type { BalancerSpec } from '../cloud/machine-room.ts';

interface Listening {
  spec: BalancerSpec;
  targetPort: number;
  listener: Listener;
  /** Connections so far: the round robin's position. */
  cursor: number;
}

/**
 * Load balancers of one cluster. A connection goes to the next target that listens; one that does not counts as unhealthy for this
 * connection and costs the client nothing. So there is no health traffic, and nothing but connections moves the spread.
 */
export class Balancers {
  private readonly fabric: Fabric;
  private readonly log: Log;
  private readonly listening = new Map<string, Listening>();
  private last: Promise<void> = Promise.resolve();

  constructor(fabric: Fabric, log: Log) {
    this.fabric = fabric;
    this.log = log;
  }

  /** Throws a system-like error (EADDRINUSE) when an address is taken; what listened before still does. */
  apply(specs: readonly BalancerSpec[]): Promise<void> {
    const next = this.last.catch(() => undefined).then(() => this.applyNow(specs));
    this.last = next;
    return next;
  }

  private async applyNow(specs: readonly BalancerSpec[]): Promise<void> {
    const wanted = new Map<string, { spec: BalancerSpec; port: number; targetPort: number }>(
      specs.flatMap((spec) => spec.listeners.map((listener) => [`${spec.id}:${listener.port}`, { spec, ...listener }] as const)),
    );
    for (const [key, { spec, port, targetPort }] of wanted) {
      const existing = this.listening.get(key);
      if (existing) Object.assign(existing, { spec, targetPort });
      else await this.open(key, spec, port, targetPort);
    }
    for (const [key, entry] of this.listening) {
      if (wanted.has(key)) continue;
      this.listening.delete(key);
      await entry.listener.close();
    }
  }

  private async open(key: string, spec: BalancerSpec, port: number, targetPort: number): Promise<void> {
    const owner = { type: 'loadBalancer', name: spec.name } as const;
    const listener = await this.fabric.listen(owner, spec.ip, port, (connection) => this.forward(entry, connection));
    const entry: Listening = { spec, targetPort, listener, cursor: 0 };
    this.listening.set(key, entry);
  }

  private forward(entry: Listening, connection: Connection): void {
    const targets = entry.spec.targets();
    for (let i = 0; i < targets.length; i++) {
      const target = targets[entry.cursor++ % targets.length];
      if (target !== undefined && this.fabric.handOff(connection, connection.source, target, entry.targetPort)) return;
    }
    this.log.debug('a load balancer has no healthy target', { loadBalancer: entry.spec.name, port: entry.listener.port });
    connection.stream.destroy();
  }
}
