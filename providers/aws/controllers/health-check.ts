import type { Service } from '../../../src/kube/objects.ts';
import type { ServiceAnnotations } from './annotations.ts';

export interface HealthCheck {
  protocol: 'TCP' | 'HTTP' | 'HTTPS';
  /** A number, or `traffic-port`. */
  port: string;
  path?: string;
  successCodes?: string;
  intervalSeconds: number;
  timeoutSeconds?: number;
  healthyThresholdCount: number;
  unhealthyThresholdCount: number;
}

/** UDP cannot be asked whether it is there: the kubelet's port stands for the node. */
const kubeletPort = '10250';

/** With externalTrafficPolicy Local only nodes that have a pod of the Service are healthy, which their proxy tells at healthCheckNodePort. */
export function healthCheck({ spec }: Service, annotations: ServiceAnnotations, protocol: 'TCP' | 'UDP' | 'TCP_UDP'): HealthCheck {
  const local = spec.externalTrafficPolicy === 'Local' && Boolean(spec.healthCheckNodePort);
  const usual = local
    ? { protocol: 'HTTP' as const, port: String(spec.healthCheckNodePort), path: '/healthz', threshold: 2 }
    : { protocol: 'TCP' as const, port: protocol === 'TCP' ? 'traffic-port' : kubeletPort, path: '/', threshold: 3 };
  const checkProtocol = annotations.choice('healthcheck-protocol', ['tcp', 'http', 'https', 'TCP', 'HTTP', 'HTTPS'])?.toUpperCase() ?? usual.protocol;
  return {
    protocol: checkProtocol as HealthCheck['protocol'],
    port: portOf(annotations) ?? usual.port,
    ...pathOf(annotations, checkProtocol, usual.path),
    intervalSeconds: annotations.whole('healthcheck-interval', 5, 300) ?? 10,
    ...optional('timeoutSeconds', annotations.whole('healthcheck-timeout', 2, 120)),
    healthyThresholdCount: annotations.whole('healthcheck-healthy-threshold', 2, 10) ?? usual.threshold,
    unhealthyThresholdCount: annotations.whole('healthcheck-unhealthy-threshold', 2, 10) ?? usual.threshold,
  };
}

function pathOf(annotations: ServiceAnnotations, protocol: string, usual: string): { path?: string; successCodes?: string } {
  if (protocol === 'TCP') {
    for (const name of ['healthcheck-path', 'healthcheck-success-codes']) if (annotations.has(name)) annotations.refuseValue(name, 'needs healthcheck-protocol http or https');
    return {};
  }
  const successCodes = annotations.text('healthcheck-success-codes');
  return { path: annotations.text('healthcheck-path') ?? usual, ...(successCodes === undefined ? {} : { successCodes }) };
}

function portOf(annotations: ServiceAnnotations): string | undefined {
  return annotations.text('healthcheck-port') === 'traffic-port' ? 'traffic-port' : optionalText(annotations.whole('healthcheck-port', 1, 65_535));
}

function optionalText(value: number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

function optional<Name extends string>(name: Name, value: number | undefined): { [Key in Name]?: number } {
  return value === undefined ? {} : ({ [name]: value } as { [Key in Name]?: number });
}
