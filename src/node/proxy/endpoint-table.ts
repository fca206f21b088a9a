import type { EndpointSlice, Service, ServicePort } from '../../kube/objects.ts';

/** Where a connection to one port of a Service may go. */
export interface Target {
  ip: string;
  port: number;
  nodeName: string | undefined;
}

const serviceNameLabel = 'kubernetes.io/service-name';

/** The Service a slice belongs to, by its key. */
export function serviceKeyOf(slice: EndpointSlice): string | undefined {
  const name = slice.metadata.labels?.[serviceNameLabel];
  return name === undefined ? undefined : `${slice.metadata.namespace}/${name}`;
}

/**
 * Ready endpoints of a port in a stable order; when there is none, those that are terminating but still serve.
 * A slice's port belongs to the Service's port of the same name.
 */
export function targetsOf(service: Service, port: ServicePort, slices: Iterable<EndpointSlice>): Target[] {
  const ready: Target[] = [];
  const serving: Target[] = [];
  for (const slice of slices) {
    const target = slice.ports?.find((candidate) => (candidate.name ?? '') === (port.name ?? ''));
    if (slice.addressType !== 'IPv4' || target?.port === undefined) continue;
    for (const endpoint of slice.endpoints ?? []) {
      const { conditions = {}, nodeName, addresses } = endpoint;
      const list = conditions.ready !== false || service.spec.publishNotReadyAddresses ? ready : conditions.serving && conditions.terminating ? serving : undefined;
      for (const ip of addresses) list?.push({ ip, port: target.port, nodeName });
    }
  }
  return (ready.length > 0 ? ready : serving).sort(byAddress);
}

function byAddress(a: Target, b: Target): number {
  const pad = (ip: string) => ip.split('.').map((part) => part.padStart(3, '0'));
  const [left, right] = [pad(a.ip).join('.'), pad(b.ip).join('.')];
  return left < right ? -1 : left > right ? 1 : a.port - b.port;
}
