import type { EndpointSlice } from '../../../kube/objects.ts';
import { cidrContainsIp, parseCidr, parseIp } from '../../../lib/cidr.ts';
import { deepEqual } from '../../../lib/json.ts';
import { protocols } from './container-validation.ts';
import { duplicate, invalidAll, invalidValue, notSupported, oneOf, required } from './field-errors.ts';
import { countGeneration, immutable } from './metadata.ts';
import { dnsLabel, dnsSubdomain, portNumber } from './names.ts';
import type { KindRules, StrategyOptions } from './rules.ts';
import type { FieldError } from './strategy.ts';

type Json = Record<string, unknown>;
const addressTypes = ['FQDN', 'IPv4', 'IPv6'];
const maxEndpoints = 1000;

export const endpointSliceRules: KindRules = {
  default: (object) => {
    for (const port of (object as EndpointSlice).ports ?? []) {
      port.name ??= '';
      port.protocol ??= 'TCP';
    }
  },
  prepareForCreate: (object) => {
    object.metadata.generation = 1;
  },
  prepareForUpdate: (object, old) => {
    const isSame =
      ['addressType', 'endpoints', 'ports'].every((field) => deepEqual(object[field], old[field])) && deepEqual(object.metadata.labels ?? {}, old.metadata.labels ?? {});
    countGeneration(object, old, !isSame);
  },
  validate: (object, options) => validateSlice(object as EndpointSlice, options),
  validateUpdate: (object, old) => immutable('addressType', object.addressType, old.addressType),
};

function validateSlice(slice: EndpointSlice, options: StrategyOptions): FieldError[] {
  const errors = oneOf('addressType', slice.addressType, addressTypes);
  const { endpoints = [], ports = [] } = slice;
  if (endpoints.length > maxEndpoints)
    errors.push({ reason: 'FieldValueTooMany', message: `Too many: ${endpoints.length}: must have at most ${maxEndpoints} items`, field: 'endpoints' });
  for (const [index, endpoint] of endpoints.entries()) {
    const at = `endpoints[${index}]`;
    if (!endpoint.addresses?.length) errors.push(required(`${at}.addresses`, 'must contain at least 1 address'));
    for (const [place, address] of (endpoint.addresses ?? []).entries()) errors.push(...validateAddress(address, slice.addressType, `${at}.addresses[${place}]`, options));
    if (endpoint.nodeName) errors.push(...invalidAll(`${at}.nodeName`, endpoint.nodeName, dnsSubdomain(endpoint.nodeName)));
    if (endpoint.hostname) errors.push(...invalidAll(`${at}.hostname`, endpoint.hostname, dnsLabel(endpoint.hostname)));
  }
  return [...errors, ...validatePorts(ports)];
}

function validatePorts(ports: NonNullable<EndpointSlice['ports']>): FieldError[] {
  const names = new Set<string>();
  return ports.flatMap((port, index) => {
    const at = `ports[${index}]`;
    const errors: FieldError[] = [];
    const name = port.name ?? '';
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    names.add(name);
    if (name !== '') errors.push(...invalidAll(`${at}.name`, name, dnsLabel(name)));
    if (port.port !== undefined) errors.push(...invalidAll(`${at}.port`, port.port, portNumber(port.port)));
    if (!protocols.includes(port.protocol ?? '')) errors.push(notSupported(`${at}.protocol`, port.protocol, protocols));
    return errors;
  });
}

function validateAddress(address: string, addressType: string, field: string, options: StrategyOptions): FieldError[] {
  if (addressType === 'FQDN') return invalidAll(field, address, dnsSubdomain(address));
  if (addressType === 'IPv6') return address.includes(':') ? [] : [invalidValue(field, address, 'must be an IPv6 address')];
  const ip = parseIp(address);
  if (ip === undefined)
    return [invalidValue(field, address, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'), invalidValue(field, address, 'must be an IPv4 address')];
  return specialAddress(ip, options).map((message) => invalidValue(field, address, message));
}

/** Addresses that traffic must never be sent to. */
function specialAddress(ip: number, { loopbackBlocks = [] }: StrategyOptions): string[] {
  const isIn = (block: string): boolean => {
    const cidr = parseCidr(block);
    return cidr !== undefined && cidrContainsIp(cidr, ip);
  };
  const messages: string[] = [];
  if (ip === 0) messages.push('may not be unspecified (0.0.0.0)');
  if (isIn('127.0.0.0/8') && !loopbackBlocks.some(isIn)) messages.push('may not be in the loopback range (127.0.0.0/8, ::1/128)');
  if (isIn('169.254.0.0/16')) messages.push('may not be in the link-local range (169.254.0.0/16, fe80::/10)');
  if (isIn('224.0.0.0/24')) messages.push('may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)');
  return messages;
}

export const endpointsDeprecation = 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice';

export const endpointsRules: KindRules = {
  default: (object) => {
    for (const subset of (object.subsets as Json[] | undefined) ?? []) for (const port of (subset.ports as Json[] | undefined) ?? []) port.protocol ??= 'TCP';
  },
  validate: (object, options) =>
    ((object.subsets as Json[] | undefined) ?? []).flatMap((subset, index) => {
      const at = `subsets[${index}]`;
      const lists = ['addresses', 'notReadyAddresses'].map((name) => [name, (subset[name] as { ip: string }[] | undefined) ?? []] as const);
      const errors = lists.flatMap(([name, list]) => list.flatMap(({ ip }, place) => validateAddress(ip, 'IPv4', `${at}.${name}[${place}].ip`, options)));
      if (lists.every(([, list]) => list.length === 0)) errors.push(required(at, 'must specify `addresses` or `notReadyAddresses`'));
      return errors;
    }),
  warnings: () => [endpointsDeprecation],
};
