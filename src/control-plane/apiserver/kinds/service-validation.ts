import type { Service, ServicePort } from '../../../kube/objects.ts';
import { parseIp } from '../../../lib/cidr.ts';
import { protocols, validatePortReference } from './container-validation.ts';
import { duplicate, forbiddenField, invalidAll, invalidValue, notSupported, oneOf, required } from './field-errors.ts';
import { validateLabels } from './metadata.ts';
import { dnsLabel, dnsSubdomain, portNumber } from './names.ts';
import type { FieldError } from './strategy.ts';

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const notACidr = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';
const notAnIp = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';

export function validateService(service: Service): FieldError[] {
  const { spec } = service;
  const errors: FieldError[] = [];
  if (!spec.ports?.length && spec.clusterIP !== 'None' && spec.type !== 'ExternalName') errors.push(required('spec.ports'));
  errors.push(...validateOfType(service), ...validatePorts(spec), ...validateLabels(spec.selector, 'spec.selector'));
  errors.push(...oneOf('spec.sessionAffinity', spec.sessionAffinity, ['ClientIP', 'None']), ...oneOf('spec.type', spec.type, types));
  for (const [index, ip] of (spec.clusterIPs ?? []).entries()) {
    if (ip !== 'None' && parseIp(ip) === undefined && !ip.includes(':')) errors.push(invalidValue(`spec.clusterIPs[${index}]`, ip, notAnIp));
  }
  for (const [index, ip] of (spec.externalIPs ?? []).entries())
    if (parseIp(ip) === undefined && !ip.includes(':')) errors.push(invalidValue(`spec.externalIPs[${index}]`, ip, notAnIp));
  return [...errors, ...validatePolicies(service), ...validateFamilies(service), ...validateAffinityTimeout(service)];
}

function validateOfType({ spec }: Service): FieldError[] {
  if (spec.type === 'ExternalName') {
    const errors: FieldError[] = [];
    if (spec.clusterIP) errors.push(forbiddenField('spec.clusterIPs[0]', "may not be set when `type` is 'ExternalName'"));
    const name = spec.externalName ?? '';
    return [...errors, ...(name === '' ? [required('spec.externalName')] : invalidAll('spec.externalName', name, dnsSubdomain(name.replace(/\.$/, ''))))];
  }
  if (spec.clusterIP === 'None' && (spec.type === 'NodePort' || spec.type === 'LoadBalancer')) {
    return [invalidValue('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${spec.type} services`)];
  }
  return [];
}

function validatePorts({ ports = [], type }: Service['spec']): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  const seen = new Set<string>();
  const nodePorts = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const at = `spec.ports[${index}]`;
    errors.push(...validatePort(port, at, ports.length > 1, names));
    if (port.nodePort && type !== 'NodePort' && type !== 'LoadBalancer') errors.push(forbiddenField(`${at}.nodePort`, `may not be used when \`type\` is '${type}'`));
    const key = `${port.protocol}/${port.port}`;
    if (seen.has(key)) errors.push(duplicate(at, { Name: '', Protocol: port.protocol, AppProtocol: null, Port: port.port, TargetPort: 0, NodePort: 0 }));
    seen.add(key);
    const nodeKey = `${port.protocol}/${port.nodePort}`;
    if (port.nodePort && nodePorts.has(nodeKey))
      errors.push(duplicate(`${at}.nodePort`, { Name: '', Protocol: port.protocol, AppProtocol: null, Port: 0, TargetPort: 0, NodePort: port.nodePort }));
    nodePorts.add(nodeKey);
  }
  return errors;
}

function validatePort(port: ServicePort, at: string, named: boolean, names: Set<string>): FieldError[] {
  const errors: FieldError[] = [];
  if (port.name) {
    errors.push(...invalidAll(`${at}.name`, port.name, dnsLabel(port.name)));
    if (names.has(port.name)) errors.push(duplicate(`${at}.name`, port.name));
    names.add(port.name);
  } else if (named) errors.push(required(`${at}.name`));
  errors.push(...invalidAll(`${at}.port`, port.port, portNumber(port.port)));
  if (!port.protocol) errors.push(required(`${at}.protocol`));
  else if (!protocols.includes(port.protocol)) errors.push(notSupported(`${at}.protocol`, port.protocol, protocols));
  return [...errors, ...validatePortReference(port.targetPort, `${at}.targetPort`)];
}

function validatePolicies({ spec }: Service): FieldError[] {
  const errors: FieldError[] = [];
  const external = spec.type === 'NodePort' || spec.type === 'LoadBalancer' || (spec.externalIPs?.length ?? 0) > 0;
  if (spec.externalTrafficPolicy !== undefined) {
    if (!external) errors.push(invalidValue('spec.externalTrafficPolicy', spec.externalTrafficPolicy, 'may only be set for externally-accessible services'));
    else errors.push(...oneOf('spec.externalTrafficPolicy', spec.externalTrafficPolicy, ['Cluster', 'Local']));
  }
  if (spec.internalTrafficPolicy !== undefined) errors.push(...oneOf('spec.internalTrafficPolicy', spec.internalTrafficPolicy, ['Cluster', 'Local']));
  if (spec.loadBalancerSourceRanges?.length && spec.type !== 'LoadBalancer') {
    errors.push(forbiddenField('spec.LoadBalancerSourceRanges', "may only be used when `type` is 'LoadBalancer'"));
  }
  for (const [index, range] of (spec.loadBalancerSourceRanges ?? []).entries()) {
    if (!isCidr(range.trim())) errors.push(invalidValue(`spec.loadBalancerSourceRanges[${index}]`, range, notACidr));
  }
  if (spec.allocateLoadBalancerNodePorts !== undefined && spec.type !== 'LoadBalancer') {
    errors.push(forbiddenField('spec.allocateLoadBalancerNodePorts', "may only be used when `type` is 'LoadBalancer'"));
  }
  if (spec.loadBalancerClass !== undefined && spec.type !== 'LoadBalancer') {
    errors.push(forbiddenField('spec.loadBalancerClass', "may only be used when `type` is 'LoadBalancer'"));
  }
  return errors;
}

function isCidr(text: string): boolean {
  const [ip = '', length = ''] = text.split('/');
  const bits = ip.includes(':') ? 128 : 32;
  return text.split('/').length === 2 && (ip.includes(':') || parseIp(ip) !== undefined) && /^(0|[1-9]\d{0,2})$/.test(length) && Number(length) <= bits;
}

/** The cluster's networks are IPv4; only endpoints that nobody selects may be of any family. */
function validateFamilies({ spec }: Service): FieldError[] {
  const { ipFamilies = [], ipFamilyPolicy } = spec as { ipFamilies?: string[]; ipFamilyPolicy?: string };
  if (spec.clusterIP === 'None' && Object.keys(spec.selector ?? {}).length === 0) return [];
  const errors = ipFamilies.flatMap((family, index) => (family === 'IPv4' ? [] : [invalidValue(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster')]));
  if (ipFamilyPolicy === 'RequireDualStack') errors.push(invalidValue('spec.ipFamilyPolicy', ipFamilyPolicy, 'this cluster is not configured for dual-stack services'));
  return errors;
}

const maxAffinitySeconds = 86_400;

function validateAffinityTimeout({ spec }: Service): FieldError[] {
  if (spec.sessionAffinity !== 'ClientIP') return [];
  const { clientIP } = (spec.sessionAffinityConfig ?? {}) as { clientIP?: { timeoutSeconds?: number } };
  const seconds = clientIP?.timeoutSeconds;
  const field = 'spec.sessionAffinityConfig.clientIP.timeoutSeconds';
  if (seconds === undefined) return [required(field, 'must be specified for session affinity ClientIP')];
  return seconds > 0 && seconds <= maxAffinitySeconds ? [] : [invalidValue(field, seconds, `must be greater than 0 and less than ${maxAffinitySeconds}`)];
}

export function validateServiceUpdate({ spec }: Service, { spec: old }: Service): FieldError[] {
  const errors: FieldError[] = [];
  const once = 'may not change once set';
  const addressKept = !old.clusterIP || old.type === 'ExternalName' || spec.type === 'ExternalName' || spec.clusterIP === old.clusterIP;
  if (!addressKept) errors.push(invalidValue('spec.clusterIPs[0]', spec.clusterIPs ?? [], once));
  const stayed = old.type === 'LoadBalancer' && spec.type === 'LoadBalancer';
  if (stayed && spec.loadBalancerClass !== old.loadBalancerClass) errors.push(invalidValue('spec.loadBalancerClass', spec.loadBalancerClass ?? null, once));
  return errors;
}
