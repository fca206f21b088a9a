import type { Connection } from '../../fabric/fabric.ts';
import type { Service } from '../../kube/objects.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Target } from './endpoint-table.ts';

/** Only endpoints on this node, as traffic policy Local asks. */
export type Locality = { nodeName: string } | undefined;

const defaultAffinitySeconds = 10_800;
const mostClients = 10_000;

/** Chooses endpoints for one port of one Service: in turn, with one cursor whatever way a connection came in. */
export class PortBalancer {
  private readonly clock: Clock;
  private targets: readonly Target[] = [];
  private cursor = 0;
  private affinityMs: number | undefined;
  private readonly clients = new Map<string, { target: string; untilMs: number }>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  update(service: Service, targets: readonly Target[]): void {
    this.targets = targets;
    const config = service.spec.sessionAffinityConfig as { clientIP?: { timeoutSeconds?: number } } | undefined;
    this.affinityMs = service.spec.sessionAffinity === 'ClientIP' ? (config?.clientIP?.timeoutSeconds ?? defaultAffinitySeconds) * 1000 : undefined;
    if (this.affinityMs === undefined) this.clients.clear();
  }

  includes(ip: string): boolean {
    return this.targets.some((target) => target.ip === ip);
  }

  /** Endpoints to try, the chosen one first. The cursor moves by one a connection. */
  order(connection: Connection, locality: Locality): Target[] {
    const usable = locality ? this.targets.filter((target) => target.nodeName === locality.nodeName) : this.targets;
    if (usable.length === 0) return [];
    const start = this.remembered(connection.remote.ip, usable) ?? this.cursor++ % usable.length;
    return [...usable.slice(start), ...usable.slice(0, start)];
  }

  /** Notes which endpoint took the connection, for clients that stay with theirs. */
  taken(connection: Connection, target: Target): void {
    if (this.affinityMs === undefined) return;
    // Re-inserted so that the map's order is that of use, and the longest unused goes first.
    this.clients.delete(connection.remote.ip);
    this.clients.set(connection.remote.ip, { target: target.ip, untilMs: this.clock.now() + this.affinityMs });
    const oldest = this.clients.keys().next().value;
    if (this.clients.size > mostClients && oldest !== undefined) this.clients.delete(oldest);
  }

  private remembered(client: string, usable: readonly Target[]): number | undefined {
    const known = this.clients.get(client);
    if (!known || known.untilMs < this.clock.now()) return undefined;
    const index = usable.findIndex((target) => target.ip === known.target);
    return index < 0 ? undefined : index;
  }
}
