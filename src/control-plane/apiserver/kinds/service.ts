import type { KubeObject, Service, ServicePort } from '../../../kube/objects.ts';
import { deepEqual } from '../../../lib/json.ts';
import { keepField } from './metadata.ts';
import { dns1035Label } from './names.ts';
import type { KindRules } from './rules.ts';
import { allocateService, releaseService, serviceClaims } from './service-allocation.ts';
import { isExternallyAccessible, needsClusterIp, needsHealthCheckPort, needsNodePort } from './service-needs.ts';
import { validateService, validateServiceUpdate } from './service-validation.ts';
import type { KindContext } from './strategy.ts';

export const serviceRules: KindRules = {
  hasStatus: true,
  name: dns1035Label,
  default: (object) => defaultService(object as Service),
  defaultsSpec: true,
  prepareForCreate: (object) => {
    const service = object as Service;
    matchClusterIps(service, undefined);
    setFamilies(service);
    service.status = { loadBalancer: {} };
  },
  prepareForUpdate: (object, old, context) => prepareForUpdate(object, old as Service, context),
  validate: (object) => validateService(object as Service),
  validateUpdate: (object, old) => validateServiceUpdate(object as Service, old as Service),
  allocate: (object, old, context) => allocateService(object as Service, old as Service | undefined, context.allocators),
  release: (object, old, context) => releaseService(object as Service, old as Service | undefined, context.allocators),
  claims: (object) => serviceClaims(object as Service),
  selectableFields: (object) => ({ 'spec.clusterIP': (object as Service).spec.clusterIP ?? '', 'spec.type': (object as Service).spec.type ?? '' }),
};

function defaultService(service: Service): void {
  const { spec } = service;
  spec.sessionAffinity ??= 'None';
  spec.type ??= 'ClusterIP';
  if (spec.sessionAffinity === 'ClientIP') defaultAffinityTimeout(spec);
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
  for (const port of spec.ports ?? []) {
    port.protocol ??= 'TCP';
    if (!port.targetPort) port.targetPort = port.port;
  }
  if (isExternallyAccessible(service)) spec.externalTrafficPolicy ??= 'Cluster';
  if (needsClusterIp(service)) spec.internalTrafficPolicy ??= 'Cluster';
  if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true;
}

function defaultAffinityTimeout(spec: Service['spec']): void {
  const config = (spec.sessionAffinityConfig ?? {}) as { clientIP?: { timeoutSeconds?: number } };
  spec.sessionAffinityConfig = { ...config, clientIP: { timeoutSeconds: 10_800, ...config.clientIP } };
}

/** `clusterIP` is the old name of `clusterIPs[0]`: whichever the writer touched wins. */
function matchClusterIps({ spec }: Service, old: Service | undefined): void {
  if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP];
  else if (!old && !spec.clusterIP && spec.clusterIPs?.[0]) spec.clusterIP = spec.clusterIPs[0];
  if (!old || spec.clusterIP === old.spec.clusterIP || !deepEqual(spec.clusterIPs, old.spec.clusterIPs)) return;
  if (spec.clusterIP) spec.clusterIPs = [spec.clusterIP];
  else delete spec.clusterIPs;
}

function setFamilies(service: Service): void {
  const { spec } = service;
  if (!needsClusterIp(service)) return;
  // Nothing selects its endpoints: whoever writes them may use any family.
  const free = spec.clusterIP === 'None' && Object.keys(spec.selector ?? {}).length === 0;
  spec.ipFamilyPolicy ??= free ? 'RequireDualStack' : 'SingleStack';
  spec.ipFamilies ??= free ? ['IPv4', 'IPv6'] : ['IPv4'];
}

function prepareForUpdate(object: KubeObject, old: Service, { subresource }: KindContext): void {
  const service = object as Service;
  if (subresource === 'status') {
    keepField(service, old, 'spec');
    return;
  }
  keepField(service, old, 'status');
  keepAllocated(service, old);
  matchClusterIps(service, old);
  dropOfOldType(service, old);
  setFamilies(service);
}

/** A writer that leaves out what the server chose gets it back. */
function keepAllocated(service: Service, old: Service): void {
  const { spec } = service;
  if (needsClusterIp(service) && needsClusterIp(old)) {
    if (!spec.clusterIP && old.spec.clusterIP) spec.clusterIP = old.spec.clusterIP;
    if (!spec.clusterIPs?.length && old.spec.clusterIPs) spec.clusterIPs = [...old.spec.clusterIPs];
  }
  if (needsNodePort(service) && needsNodePort(old)) {
    const taken = new Set(spec.ports?.map(({ nodePort }) => nodePort));
    for (const port of spec.ports ?? []) {
      const before = old.spec.ports?.find((other) => samePort(port, other))?.nodePort;
      if (!port.nodePort && before && !taken.has(before)) port.nodePort = before;
    }
  }
  if (needsHealthCheckPort(service) && needsHealthCheckPort(old) && !spec.healthCheckNodePort && old.spec.healthCheckNodePort)
    spec.healthCheckNodePort = old.spec.healthCheckNodePort;
}

function samePort(port: ServicePort, other: ServicePort): boolean {
  return port.protocol === other.protocol && port.port === other.port;
}

/** What only the old type needed goes, unless the writer asks for it by another value. */
function dropOfOldType(service: Service, old: Service): void {
  const { spec } = service;
  if (!needsClusterIp(service) && needsClusterIp(old) && spec.clusterIP === old.spec.clusterIP) {
    for (const field of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy']) delete spec[field];
  }
  if (!needsNodePort(service) && needsNodePort(old)) {
    const before = new Set(old.spec.ports?.map(({ nodePort }) => nodePort));
    for (const port of spec.ports ?? []) if (before.has(port.nodePort)) delete port.nodePort;
  }
  if (!needsHealthCheckPort(service) && spec.healthCheckNodePort === old.spec.healthCheckNodePort) delete spec.healthCheckNodePort;
  if (!isExternallyAccessible(service) && spec.externalTrafficPolicy === old.spec.externalTrafficPolicy) delete spec.externalTrafficPolicy;
  if (spec.type !== 'LoadBalancer' && old.spec.type === 'LoadBalancer') dropLoadBalancer(service, old);
}

function dropLoadBalancer(service: Service, old: Service): void {
  for (const field of ['allocateLoadBalancerNodePorts', 'loadBalancerClass'] as const) if (service.spec[field] === old.spec[field]) delete service.spec[field];
  service.status = { loadBalancer: {} };
}
