import type { Service } from '../../../kube/objects.ts';
import { invalid, StatusError } from '../../../kube/status.ts';
import type { IpAllocator, PortAllocator } from './allocators.ts';
import { invalidValue } from './field-errors.ts';
import { needsClusterIp, needsHealthCheckPort, needsNodePort } from './service-needs.ts';
import type { FieldError } from './strategy.ts';

export interface ServiceAllocators {
  clusterIp: IpAllocator;
  nodePort: PortAllocator;
}

/**
 * Takes what the Service needs and `old` does not hold yet; writes it into the spec. Throws Invalid with nothing taken.
 */
export function allocateService(service: Service, old: Service | undefined, allocators: ServiceAllocators): void {
  const undo: (() => void)[] = [];
  try {
    allocateAddress(service, old, allocators.clusterIp, undo);
    allocatePorts(service, old, allocators.nodePort, undo);
  } catch (error) {
    for (const step of undo) step();
    throw error;
  }
}

/** The write is over: what was reserved for `service` and `old` did not hold is no longer. */
export function releaseService(service: Service, old: Service | undefined, allocators: ServiceAllocators): void {
  const ip = heldIp(service);
  if (ip && ip !== old?.spec.clusterIP) allocators.clusterIp.release(ip);
  const before = old ? heldPorts(old) : new Set<number>();
  for (const port of heldPorts(service)) if (!before.has(port)) allocators.nodePort.release(port);
}

/** A Service came (no `previous`), changed, or went (no `now`): what it holds is taken, what it gave up is free. */
export function followService(now: Service | undefined, previous: Service | undefined, allocators: ServiceAllocators): void {
  if (previous) {
    const ip = heldIp(previous);
    if (ip) allocators.clusterIp.drop(ip);
    for (const port of heldPorts(previous)) allocators.nodePort.drop(port);
  }
  if (!now) return;
  const ip = heldIp(now);
  if (ip) allocators.clusterIp.hold(ip);
  for (const port of heldPorts(now)) allocators.nodePort.hold(port);
}

/** What no other Service may have. */
export function serviceClaims(service: Service): string[] {
  const ip = heldIp(service);
  return [...(ip ? [`clusterips/${ip}`] : []), ...[...heldPorts(service)].map((port) => `nodeports/${port}`)];
}

function heldIp({ spec }: Service): string | undefined {
  return spec.clusterIP === 'None' ? undefined : spec.clusterIP;
}

function heldPorts({ spec }: Service): Set<number> {
  const ports = new Set((spec.ports ?? []).flatMap(({ nodePort }) => nodePort || []));
  if (spec.healthCheckNodePort) ports.add(spec.healthCheckNodePort);
  return ports;
}

function allocateAddress(service: Service, old: Service | undefined, allocator: IpAllocator, undo: (() => void)[]): void {
  const { spec } = service;
  if (!needsClusterIp(service) || spec.clusterIP === 'None' || (spec.clusterIP && spec.clusterIP === old?.spec.clusterIP)) return;
  const wanted = spec.clusterIP;
  if (wanted && !allocator.allocateSpecific(wanted)) {
    const why = allocator.contains(wanted)
      ? 'provided IP is already allocated'
      : `the provided IP (${wanted}) is not in the valid range. The range of valid IPs is ${allocator.cidr}`;
    fail(service, invalidValue('spec.clusterIPs', [wanted], `failed to allocate IP ${wanted}: ${why}`));
  }
  const ip = wanted || allocator.allocate();
  if (!ip) throw new StatusError('InternalError', `Internal error occurred: failed to allocate a serviceIP: range is full`);
  undo.push(() => allocator.release(ip));
  spec.clusterIP = ip;
  spec.clusterIPs = [ip];
}

function allocatePorts(service: Service, old: Service | undefined, allocator: PortAllocator, undo: (() => void)[]): void {
  const { spec } = service;
  const held = old ? heldPorts(old) : new Set<number>();
  const mine = new Map<number, string>();
  const take = (wanted: number | undefined, field: string, protocol: string): number => {
    // TCP and UDP may share a number inside one Service.
    if (wanted && (held.has(wanted) || (mine.has(wanted) && mine.get(wanted) !== protocol))) return wanted;
    if (wanted && !allocator.allocateSpecific(wanted)) {
      const why = allocator.contains(wanted)
        ? 'provided port is already allocated'
        : `provided port is not in the valid range. The range of valid ports is ${allocator.from}-${allocator.to}`;
      fail(service, invalidValue(field, wanted, why));
    }
    const port = wanted || allocator.allocate();
    if (!port) throw new StatusError('InternalError', 'Internal error occurred: failed to allocate a nodePort: range is full');
    undo.push(() => allocator.release(port));
    mine.set(port, protocol);
    return port;
  };
  const portsWanted = needsNodePort(service);
  for (const [index, port] of (spec.ports ?? []).entries()) {
    if (portsWanted || port.nodePort) port.nodePort = take(port.nodePort, `spec.ports[${index}].nodePort`, port.protocol ?? 'TCP');
  }
  if (needsHealthCheckPort(service)) spec.healthCheckNodePort = take(spec.healthCheckNodePort, 'spec.healthCheckNodePort', 'health');
}

function fail(service: Service, error: FieldError): never {
  throw invalid('', 'Service', service.metadata.name, [error]);
}
