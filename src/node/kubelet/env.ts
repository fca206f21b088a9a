import type { Container, EnvVar, Pod, Service } from '../../kube/objects.ts';
import { isStatus } from '../../kube/status.ts';
import { messageOf } from '../../lib/errors.ts';
import { expand } from './expand.ts';
import { fieldValue, type PodAddresses, resourceValue } from './field-path.ts';
import type { NodeIdentity } from './node-identity.ts';
import type { ObjectReader } from './object-reader.ts';

export interface EnvSources {
  objects: ObjectReader;
  node: NodeIdentity;
  addresses: PodAddresses;
  /** Services of a namespace that have an address. */
  services(namespace: string): readonly Service[];
}

/** A container that cannot be made from what it refers to: `CreateContainerConfigError`. */
export class ContainerConfigError extends Error {
  readonly reason = 'CreateContainerConfigError';
}

/** The environment of a container: service links, then envFrom, then env in order. Throws ContainerConfigError. */
export async function containerEnv(pod: Pod, container: Container, sources: EnvSources): Promise<Record<string, string>> {
  const namespace = pod.metadata.namespace ?? '';
  const links = serviceLinks(pod, sources);
  const env: Record<string, string> = {};
  for (const from of container.envFrom ?? []) {
    const reference = from.configMapRef ?? from.secretRef;
    if (!reference) continue;
    const data = await readData(from.configMapRef ? 'configMap' : 'secret', namespace, reference, sources.objects);
    for (const [key, value] of Object.entries(data ?? {})) env[`${from.prefix ?? ''}${key}`] = value;
  }
  for (const variable of container.env ?? []) {
    const value = variable.valueFrom ? await valueFrom(pod, container, variable, sources) : expand(variable.value ?? '', { ...links, ...env });
    if (value !== undefined) env[variable.name] = value;
  }
  return { ...links, ...env };
}

async function valueFrom(pod: Pod, container: Container, variable: EnvVar, sources: EnvSources): Promise<string | undefined> {
  const from = variable.valueFrom ?? {};
  const namespace = pod.metadata.namespace ?? '';
  if (from.fieldRef) return fieldValue(pod, from.fieldRef.fieldPath, sources.addresses) ?? '';
  if (from.resourceFieldRef) {
    const { containerName, resource, divisor } = from.resourceFieldRef;
    const named = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find((other) => other.name === containerName) ?? container;
    return resourceValue(named, resource, divisor, sources.node);
  }
  const kind = from.configMapKeyRef ? 'configMap' : 'secret';
  const reference = from.configMapKeyRef ?? from.secretKeyRef;
  if (!reference) return undefined;
  const data = await readData(kind, namespace, reference, sources.objects);
  const value = data?.[reference.key];
  if (value === undefined && !reference.optional)
    throw new ContainerConfigError(`couldn't find key ${reference.key} in ${kind === 'configMap' ? 'ConfigMap' : 'Secret'} ${namespace}/${reference.name}`);
  return value;
}

async function readData(
  kind: 'configMap' | 'secret',
  namespace: string,
  reference: { name: string; optional?: boolean },
  objects: ObjectReader,
): Promise<Record<string, string> | undefined> {
  try {
    if (kind === 'configMap') return (await objects.configMap(namespace, reference.name)).data ?? {};
    const secret = await objects.secret(namespace, reference.name);
    return Object.fromEntries(Object.entries(secret.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
  } catch (error) {
    if (isStatus(error, 'NotFound')) {
      if (reference.optional) return undefined;
      throw new ContainerConfigError(`${kind.toLowerCase()} "${reference.name}" not found`);
    }
    throw new ContainerConfigError(messageOf(error));
  }
}

function serviceLinks(pod: Pod, sources: EnvSources): Record<string, string> {
  const namespace = pod.metadata.namespace ?? '';
  const own = pod.spec.enableServiceLinks === false ? [] : sources.services(namespace);
  const api = sources.services('default').filter((service) => service.metadata.name === 'kubernetes');
  return Object.assign({}, ...[...own, ...api].map(serviceVariables));
}

/** `WEB_SERVICE_HOST`, `WEB_PORT_80_TCP_ADDR` and their kin. */
function serviceVariables(service: Service): Record<string, string> {
  const { clusterIP: ip, ports = [] } = service.spec;
  const first = ports[0];
  if (!ip || ip === 'None' || !first) return {};
  const prefix = variableName(service.metadata.name);
  const variables: Record<string, string> = { [`${prefix}_SERVICE_HOST`]: ip, [`${prefix}_SERVICE_PORT`]: String(first.port) };
  const url = (port: { port: number; protocol?: string }) => `${(port.protocol ?? 'TCP').toLowerCase()}://${ip}:${port.port}`;
  variables[`${prefix}_PORT`] = url(first);
  for (const port of ports) {
    if (port.name) variables[`${prefix}_SERVICE_PORT_${variableName(port.name)}`] = String(port.port);
    const protocol = port.protocol ?? 'TCP';
    const base = `${prefix}_PORT_${port.port}_${protocol}`;
    Object.assign(variables, { [base]: url(port), [`${base}_PROTO`]: protocol.toLowerCase(), [`${base}_PORT`]: String(port.port), [`${base}_ADDR`]: ip });
  }
  return variables;
}

function variableName(name: string): string {
  return name.toUpperCase().replaceAll(/[-.]/g, '_');
}
