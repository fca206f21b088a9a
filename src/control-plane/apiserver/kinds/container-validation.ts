import type { Container, EnvVar, LifecycleHandler, Probe } from '../../../kube/objects.ts';
import { quantityError } from '../../../kube/quantity.ts';
import { canonicalQuantity, quantityNanos } from '../schema/quantity.ts';
import { duplicate, forbiddenField, invalidAll, invalidValue, notFoundValue, notSupported, oneOf, required } from './field-errors.ts';
import { dnsLabel, environmentName, portName, portNumber, qualifiedName } from './names.ts';
import type { FieldError } from './strategy.ts';

export const protocols = ['SCTP', 'TCP', 'UDP'];
const pullPolicies = ['Always', 'IfNotPresent', 'Never'];
const messagePolicies = ['FallbackToLogsOnError', 'File'];
const nonNegative = 'must be greater than or equal to 0';

export function validateContainers(containers: readonly Container[] | undefined, field: string, volumes: ReadonlySet<string>, seen: Set<string>): FieldError[] {
  return (containers ?? []).flatMap((container, index) => {
    const at = `${field}[${index}]`;
    const errors: FieldError[] = [];
    if (!container.name) errors.push(required(`${at}.name`));
    else errors.push(...invalidAll(`${at}.name`, container.name, dnsLabel(container.name)));
    if (container.name && seen.has(container.name)) errors.push(duplicate(`${at}.name`, container.name));
    seen.add(container.name);
    return [...errors, ...validateContainer(container, at, volumes)];
  });
}

function validateContainer(container: Container, at: string, volumes: ReadonlySet<string>): FieldError[] {
  const errors: FieldError[] = [];
  if (!container.image) errors.push(required(`${at}.image`));
  else if (container.image !== container.image.trim()) errors.push(invalidValue(`${at}.image`, container.image, 'must not have leading or trailing whitespace'));
  errors.push(...validateHandlers(container, at), ...validatePorts(container, at), ...validateEnvironment(container, at), ...validateMounts(container, at, volumes));
  errors.push(...oneOf(`${at}.imagePullPolicy`, container.imagePullPolicy, pullPolicies), ...validateResources(container, `${at}.resources`));
  errors.push(...oneOf(`${at}.terminationMessagePolicy`, container.terminationMessagePolicy, messagePolicies));
  return errors;
}

function validatePorts(container: Container, at: string): FieldError[] {
  const names = new Set<string>();
  return (container.ports ?? []).flatMap((port, index) => {
    const field = `${at}.ports[${index}]`;
    const errors: FieldError[] = [];
    if (port.name) {
      const messages = portName(port.name);
      errors.push(...invalidAll(`${field}.name`, port.name, messages));
      if (messages.length === 0 && names.has(port.name)) errors.push(duplicate(`${field}.name`, port.name));
      names.add(port.name);
    }
    if (!port.containerPort) errors.push(required(`${field}.containerPort`));
    else errors.push(...invalidAll(`${field}.containerPort`, port.containerPort, portNumber(port.containerPort)));
    if (port.hostPort) errors.push(...invalidAll(`${field}.hostPort`, port.hostPort, portNumber(port.hostPort)));
    return [...errors, ...oneOf(`${field}.protocol`, port.protocol, protocols)];
  });
}

function validateEnvironment(container: Container, at: string): FieldError[] {
  return (container.env ?? []).flatMap((variable, index) => {
    const field = `${at}.env[${index}]`;
    const errors = variable.name ? invalidAll(`${field}.name`, variable.name, environmentName(variable.name)) : [required(`${field}.name`)];
    return variable.valueFrom ? [...errors, ...validateSource(variable, variable.valueFrom, `${field}.valueFrom`)] : errors;
  });
}

function validateSource({ value }: EnvVar, valueFrom: NonNullable<EnvVar['valueFrom']>, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const sources = Object.keys(valueFrom).length;
  if (value) errors.push(invalidValue(at, '', 'may not be specified when `value` is not empty'));
  else if (sources === 0) errors.push(invalidValue(at, '', 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'));
  else if (sources > 1) errors.push(invalidValue(at, '', 'may not have more than one field specified at a time'));
  for (const kind of ['configMapKeyRef', 'secretKeyRef'] as const) {
    const ref = valueFrom[kind];
    if (ref && !ref.name) errors.push(required(`${at}.${kind}.name`));
    if (ref && !ref.key) errors.push(required(`${at}.${kind}.key`));
  }
  if (valueFrom.fieldRef && !valueFrom.fieldRef.fieldPath) errors.push(required(`${at}.fieldRef.fieldPath`));
  return errors;
}

function validateMounts(container: Container, at: string, volumes: ReadonlySet<string>): FieldError[] {
  const paths = new Set<string>();
  return (container.volumeMounts ?? []).flatMap((mount, index) => {
    const field = `${at}.volumeMounts[${index}]`;
    const errors: FieldError[] = [];
    if (!mount.name) errors.push(required(`${field}.name`));
    else if (!volumes.has(mount.name)) errors.push(notFoundValue(`${field}.name`, mount.name));
    if (!mount.mountPath) errors.push(required(`${field}.mountPath`));
    else if (paths.has(mount.mountPath)) errors.push(invalidValue(`${field}.mountPath`, mount.mountPath, 'must be unique'));
    paths.add(mount.mountPath);
    return errors;
  });
}

function validateResources(container: Container, at: string): FieldError[] {
  const { limits = {}, requests = {} } = container.resources ?? {};
  const errors = [...validateResourceList(limits, `${at}.limits`), ...validateResourceList(requests, `${at}.requests`)];
  for (const [name, request] of Object.entries(requests)) {
    const limit = limits[name];
    if (limit === undefined) continue;
    const above = (quantityNanos(request) ?? 0n) > (quantityNanos(limit) ?? 0n);
    if (above) errors.push(invalidValue(`${at}.requests`, request, `must be less than or equal to ${name} limit of ${limit}`));
  }
  return errors;
}

function validateResourceList(list: Record<string, string>, at: string): FieldError[] {
  return Object.entries(list).flatMap(([name, value]) => {
    const field = `${at}[${name}]`;
    const errors = invalidAll(at, name, qualifiedName(name));
    if (!name.includes('/') && !standardResources.has(name) && !name.startsWith('hugepages-')) {
      errors.push(invalidValue(field, name, 'must be a standard resource type or fully qualified'), invalidValue(field, name, 'must be a standard resource for containers'));
    }
    if (canonicalQuantity(value) === undefined) errors.push(invalidValue(field, value, quantityError));
    else if ((quantityNanos(value) ?? 0n) < 0n) errors.push(invalidValue(field, value, nonNegative));
    return errors;
  });
}

const standardResources = new Set(['cpu', 'memory', 'ephemeral-storage']);

function validateHandlers(container: Container, at: string): FieldError[] {
  const probes = (['livenessProbe', 'readinessProbe', 'startupProbe'] as const).flatMap((name) => {
    const probe = container[name];
    return probe ? validateProbe(probe, `${at}.${name}`, name) : [];
  });
  const hooks = (['postStart', 'preStop'] as const).flatMap((name) => {
    const hook = container.lifecycle?.[name];
    return hook ? validateHandler(hook, `${at}.lifecycle.${name}`, ['exec', 'httpGet', 'sleep', 'tcpSocket']) : [];
  });
  return [...hooks, ...probes];
}

function validateProbe(probe: Probe, at: string, name: string): FieldError[] {
  const errors = validateHandler(probe, at, ['exec', 'grpc', 'httpGet', 'tcpSocket']);
  for (const field of ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'] as const) {
    const value = probe[field] ?? 0;
    if (value < 0) errors.push(invalidValue(`${at}.${field}`, value, nonNegative));
  }
  if (name !== 'readinessProbe' && (probe.successThreshold ?? 1) !== 1) errors.push(invalidValue(`${at}.successThreshold`, probe.successThreshold, 'must be 1'));
  if (name === 'readinessProbe' && probe.terminationGracePeriodSeconds !== undefined) {
    errors.push(invalidValue(`${at}.terminationGracePeriodSeconds`, probe.terminationGracePeriodSeconds, 'must not be set for readinessProbes'));
  }
  return errors;
}

function validateHandler(handler: Probe | LifecycleHandler, at: string, kinds: readonly string[]): FieldError[] {
  const given = kinds.filter((kind) => (handler as Record<string, unknown>)[kind] !== undefined);
  if (given.length === 0) return [required(at, 'must specify a handler type')];
  const errors = given.slice(1).map((kind) => forbiddenField(`${at}.${kind}`, 'may not specify more than 1 handler type'));
  const { httpGet, exec } = handler;
  const tcpSocket = (handler as Probe).tcpSocket;
  if (exec && !exec.command?.length) errors.push(required(`${at}.exec.command`));
  if (httpGet && !httpGet.path) errors.push(required(`${at}.httpGet.path`));
  if (httpGet) errors.push(...validatePortReference(httpGet.port, `${at}.httpGet.port`));
  if (httpGet && !['HTTP', 'HTTPS'].includes(httpGet.scheme ?? '')) errors.push(notSupported(`${at}.httpGet.scheme`, httpGet.scheme, ['HTTP', 'HTTPS']));
  if (tcpSocket) errors.push(...validatePortReference(tcpSocket.port, `${at}.tcpSocket.port`));
  return errors;
}

/** A port's number or name. */
export function validatePortReference(port: number | string | undefined, field: string): FieldError[] {
  if (typeof port === 'string') return invalidAll(field, port, portName(port));
  return invalidAll(field, port ?? 0, portNumber(port));
}
