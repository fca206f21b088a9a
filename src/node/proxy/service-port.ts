import type { Connection } from '../../fabric/fabric.ts';
import type { EndpointSlice, Service, ServicePort } from '../../kube/objects.ts';
import { type Backend, keyOf, Rotation } from './rotation.ts';

const defaultAffinitySeconds = 10_800;

/** One port of a Service: its backends, its cursor, and which client stays with which backend. */
export class ServicePortState {
  readonly rotation = new Rotation();
  /** Addresses that the API lists as ready. */
  listed: readonly string[] = [];
  private service: Service;
  private readonly affinity = new Map<string, { backend: string; untilMs: number }>();

  constructor(service: Service) {
    this.service = service;
  }

  update(service: Service, backends: readonly Backend[]): void {
    this.service = service;
    this.rotation.update(backends);
    if (!this.sticky) this.affinity.clear();
  }

  /** Someone from outside the cluster would be served through the cluster IP, or through the port of this node. */
  reachable(viaNode: string | undefined): boolean {
    return this.rotation.all.some(this.eligible(viaNode !== undefined && this.service.spec.externalTrafficPolicy === 'Local' ? viaNode : undefined));
  }

  /** Some backend would take a connection that comes through `viaNode` (a node port) or from `connection`'s own place (the cluster IP). */
  available(connection: Connection, viaNode: string | undefined): boolean {
    const { eligible } = this.candidates(connection, viaNode);
    return this.rotation.all.some(eligible);
  }

  /** The backend for a new connection, `tried` ones left out. Moves the cursor. */
  pick(connection: Connection, viaNode: string | undefined, tried: ReadonlySet<Backend>, nowMs: number): Backend | undefined {
    const { scope, eligible } = this.candidates(connection, viaNode);
    const open = (backend: Backend) => eligible(backend) && !tried.has(backend);
    const client = connection.remote.ip;
    const held = this.sticky ? this.affinity.get(client) : undefined;
    const same = held && held.untilMs > nowMs ? this.rotation.all.find((backend) => keyOf(backend) === held.backend && open(backend)) : undefined;
    const backend = same ?? this.rotation.next(scope, open);
    if (backend && this.sticky) this.remember(client, backend, nowMs);
    return backend;
  }

  /** A node port shows the node as the client, unless the traffic policy keeps connections on the node. */
  masquerades(viaNode: string | undefined): boolean {
    return viaNode !== undefined && this.service.spec.externalTrafficPolicy !== 'Local';
  }

  /**
   * The ready backends; when there is none, those that still serve while they end: better a late answer than none. A policy of `Local` leaves
   * only the node's own. Someone on the user's machine is on no node and may use all.
   */
  private candidates(connection: Connection, viaNode: string | undefined): { scope: string; eligible: (backend: Backend) => boolean } {
    const node = this.localNode(connection, viaNode);
    return { scope: node ?? '', eligible: this.eligible(node) };
  }

  private eligible(node: string | undefined): (backend: Backend) => boolean {
    const here = (backend: Backend) => node === undefined || backend.node === node;
    const anyReady = this.rotation.all.some((backend) => backend.ready && here(backend));
    return (backend) => here(backend) && (anyReady ? backend.ready : backend.serving && backend.terminating);
  }

  private localNode(connection: Connection, viaNode: string | undefined): string | undefined {
    const { source } = connection;
    const { internalTrafficPolicy, externalTrafficPolicy } = this.service.spec;
    const inside = source.type === 'pod' || source.type === 'node';
    if (viaNode !== undefined) return externalTrafficPolicy === 'Local' && !inside ? viaNode : undefined;
    if (internalTrafficPolicy !== 'Local' || !inside) return undefined;
    return source.type === 'pod' ? source.node : source.name;
  }

  private get sticky(): boolean {
    return this.service.spec.sessionAffinity === 'ClientIP';
  }

  private remember(client: string, backend: Backend, nowMs: number): void {
    const config = this.service.spec.sessionAffinityConfig as { clientIP?: { timeoutSeconds?: number } } | undefined;
    for (const [ip, { untilMs }] of this.affinity) {
      if (untilMs > nowMs) break;
      this.affinity.delete(ip);
    }
    this.affinity.delete(client);
    this.affinity.set(client, { backend: keyOf(backend), untilMs: nowMs + (config?.clientIP?.timeoutSeconds ?? defaultAffinitySeconds) * 1000 });
  }
}

/** The backends that the slices of a Service give for one of its ports. */
export function backendsOf(port: ServicePort, slices: readonly EndpointSlice[]): Backend[] {
  const found = new Map<string, Backend>();
  for (const slice of slices) {
    if (slice.addressType !== 'IPv4') continue;
    const target = slice.ports?.find((candidate) => (candidate.name ?? '') === (port.name ?? '') && (candidate.protocol ?? 'TCP') === (port.protocol ?? 'TCP'));
    if (target?.port === undefined) continue;
    for (const { addresses, conditions, nodeName } of slice.endpoints ?? []) {
      const ip = addresses[0];
      if (ip === undefined) continue;
      const ready = conditions?.ready !== false;
      const backend = { ip, port: target.port, node: nodeName, ready, serving: conditions?.serving ?? ready, terminating: conditions?.terminating ?? false };
      const known = found.get(keyOf(backend));
      // While an endpoint moves from one slice to another it stands in both; the one that says ready is the newer.
      if (!known?.ready) found.set(keyOf(backend), backend);
    }
  }
  return [...found.values()];
}
