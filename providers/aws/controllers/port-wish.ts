import type { Service, ServicePort } from '../../../src/kube/objects.ts';
import type { ServiceAnnotations } from './annotations.ts';
import { type HealthCheck, healthCheck } from './health-check.ts';
import { targetGroupName } from './names.ts';

/** One listener and the target group of node ports behind it. */
export interface PortWish {
  port: number;
  protocol: 'TCP' | 'UDP' | 'TCP_UDP' | 'TLS';
  /** The first is the default; none without TLS. */
  certificates: readonly string[];
  sslPolicy?: string;
  alpnPolicy?: string;
  targetGroup: TargetGroupWish;
}

export interface TargetGroupWish {
  name: string;
  /** The node port. */
  port: number;
  protocol: 'TCP' | 'UDP' | 'TCP_UDP' | 'TLS';
  healthCheck: HealthCheck;
  /** `deregistration_delay.timeout_seconds` → `300` */
  attributes: Readonly<Record<string, string>>;
}

const defaultSslPolicy = 'ELBSecurityPolicy-2016-08';

export function portWishes(clusterName: string, service: Service, annotations: ServiceAnnotations): PortWish[] {
  const ports = service.spec.ports ?? [];
  refuseUnknownTlsPorts(annotations, ports);
  const numbers = [...new Set(ports.map(({ port }) => port))].sort((a, b) => a - b);
  return numbers.map((number) => {
    const same = ports.filter(({ port }) => port === number);
    return portWish(clusterName, service, annotations, same);
  });
}

/** `same`: the Service's ports of one number; a TCP and a UDP one share a listener. */
function portWish(clusterName: string, service: Service, annotations: ServiceAnnotations, same: readonly ServicePort[]): PortWish {
  const [first, other] = same as [ServicePort, ServicePort?];
  const nodePort = first.nodePort ?? 0;
  if (same.some((port) => port.protocol === 'SCTP')) annotations.refuse(`port ${first.port}: network load balancers do not speak SCTP`);
  if (nodePort === 0) annotations.refuse(`port ${first.port} has no node port, and instances are reached through node ports`);
  if (other && other.nodePort !== nodePort) annotations.refuse(`port ${first.port} is wanted for TCP and UDP: both need the same nodePort`);
  const tls = isTls(annotations, first) && !other;
  if (isTls(annotations, first) && (other || first.protocol === 'UDP')) annotations.refuseValue('ssl-cert', `port ${first.port} is not only TCP`);
  const plain = other ? 'TCP_UDP' : first.protocol === 'UDP' ? 'UDP' : 'TCP';
  const protocol = tls ? 'TLS' : plain;
  const targetProtocol = backendIsTls(annotations) && tls ? 'TLS' : plain;
  return {
    port: first.port,
    protocol,
    certificates: tls ? (annotations.list('ssl-cert') ?? []) : [],
    ...(tls ? tlsOptions(annotations) : {}),
    targetGroup: {
      name: targetGroupName(clusterName, service, nodePort, targetProtocol),
      port: nodePort,
      protocol: targetProtocol,
      healthCheck: healthCheck(service, annotations, plain),
      attributes: targetGroupAttributes(service, annotations, protocol),
    },
  };
}

function tlsOptions(annotations: ServiceAnnotations): { sslPolicy: string; alpnPolicy?: string } {
  const alpnPolicy = annotations.choice('alpn-policy', ['HTTP1Only', 'HTTP2Only', 'HTTP2Optional', 'HTTP2Preferred', 'None']);
  return { sslPolicy: annotations.text('ssl-negotiation-policy') ?? defaultSslPolicy, ...(alpnPolicy === undefined ? {} : { alpnPolicy }) };
}

/** With a certificate all TCP ports speak TLS, unless `ssl-ports` names some by number or name. */
function isTls(annotations: ServiceAnnotations, { port, name, protocol = 'TCP' }: ServicePort): boolean {
  if (!annotations.has('ssl-cert')) return false;
  const chosen = annotations.list('ssl-ports');
  if (chosen === undefined || chosen.includes('*')) return protocol === 'TCP';
  return chosen.includes(String(port)) || (name !== undefined && chosen.includes(name));
}

function refuseUnknownTlsPorts(annotations: ServiceAnnotations, ports: readonly ServicePort[]): void {
  const chosen = annotations.list('ssl-ports') ?? [];
  if (chosen.length > 0 && !annotations.has('ssl-cert')) annotations.refuseValue('ssl-ports', 'needs ssl-cert');
  if (annotations.has('ssl-negotiation-policy') && !annotations.has('ssl-cert')) annotations.refuseValue('ssl-negotiation-policy', 'needs ssl-cert');
  const missing = chosen.find((word) => word !== '*' && !ports.some(({ port, name }) => String(port) === word || name === word));
  if (missing !== undefined) annotations.refuseValue('ssl-ports', `the Service has no port ${missing}`);
}

function backendIsTls(annotations: ServiceAnnotations): boolean {
  return ['ssl', 'tls'].includes(annotations.choice('backend-protocol', ['tcp', 'ssl', 'tls']) ?? 'tcp');
}

function targetGroupAttributes({ spec }: Service, annotations: ServiceAnnotations, protocol: PortWish['protocol']): Record<string, string> {
  const draining = annotations.flag('connection-draining-enabled') ?? true;
  const proxyProtocol = annotations.choice('proxy-protocol', ['*']) !== undefined;
  const sticky = spec.sessionAffinity === 'ClientIP';
  if (sticky && protocol === 'TLS') annotations.refuse('sessionAffinity ClientIP is not possible with TLS');
  return {
    'deregistration_delay.timeout_seconds': draining ? String(annotations.whole('connection-draining-timeout', 0, 3600) ?? 300) : '0',
    'proxy_protocol_v2.enabled': String(proxyProtocol),
    ...(protocol === 'TLS' ? {} : { 'stickiness.enabled': String(sticky), 'stickiness.type': 'source_ip' }),
    ...annotations.pairs('target-group-attributes'),
  };
}
