import type { ApiResource } from '../../../kube/api/tables.ts';
import type { Deployment, EndpointSlice, EventObject, KubeObject, NodeObject, Pod, ReplicaSet, Service } from '../../../kube/objects.ts';
import type { Cell } from './cells.ts';
import { age, containerImages, containerNames, labelText, orNone, selectorText, timeSince } from './cells.ts';
import { podRow } from './pod-row.ts';

type RowMaker = (object: KubeObject, now: number) => Cell[];
type Json = Record<string, unknown>;

/** By `group/Kind`; the order of cells is that of the columns in the API tables. */
const makers: Record<string, RowMaker> = {
  '/Pod': (object, now) => podRow(object as Pod, now),
  '/Node': (object, now) => nodeRow(object as NodeObject, now),
  '/Service': (object, now) => serviceRow(object as Service, now),
  '/Namespace': (object, now) => [object.metadata.name, String((object.status as Json | undefined)?.phase ?? ''), age(object, now)],
  '/ConfigMap': (object, now) => [object.metadata.name, size(object.data) + size(object.binaryData), age(object, now)],
  '/Secret': (object, now) => [object.metadata.name, String(object.type ?? ''), size(object.data), age(object, now)],
  '/ServiceAccount': (object, now) => [object.metadata.name, age(object, now)],
  '/Endpoints': (object, now) => [object.metadata.name, endpointsText(object), age(object, now)],
  '/Event': (object, now) => eventRow(object as EventObject, now),
  'apps/Deployment': (object, now) => deploymentRow(object as Deployment, now),
  'apps/ReplicaSet': (object, now) => replicaSetRow(object as ReplicaSet, now),
  'autoscaling/Scale': (object, now) => [
    object.metadata.name,
    Number((object.spec as Json | undefined)?.replicas ?? 0),
    Number((object.status as Json | undefined)?.replicas ?? 0),
    age(object, now),
  ],
  'coordination.k8s.io/Lease': (object, now) => [object.metadata.name, String((object.spec as Json | undefined)?.holderIdentity ?? ''), age(object, now)],
  'discovery.k8s.io/EndpointSlice': (object, now) => sliceRow(object as EndpointSlice, now),
  'rbac.authorization.k8s.io/ClusterRole': createdRow,
  'rbac.authorization.k8s.io/ClusterRoleBinding': bindingRow,
  'rbac.authorization.k8s.io/Role': createdRow,
  'rbac.authorization.k8s.io/RoleBinding': bindingRow,
  'scheduling.k8s.io/PriorityClass': (object, now) => [
    object.metadata.name,
    Number(object.value ?? 0),
    object.globalDefault === true,
    age(object, now),
    String(object.preemptionPolicy ?? ''),
  ],
};

/** Every cell of one line of `kubectl get -o wide`, in column order. `now` in milliseconds. */
export function rowOf(resource: Pick<ApiResource, 'group' | 'kind'>, object: KubeObject, now: number): Cell[] {
  return (makers[`${resource.group}/${resource.kind}`] ?? createdRow)(object, now);
}

function createdRow(object: KubeObject): Cell[] {
  return [object.metadata.name, object.metadata.creationTimestamp ?? ''];
}

function size(value: unknown): number {
  return Object.keys((value as Json | undefined) ?? {}).length;
}

const rolePrefix = 'node-role.kubernetes.io/';

function nodeRow(node: NodeObject, now: number): Cell[] {
  const { metadata, spec, status } = node;
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const state = [ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown', ...(spec?.unschedulable ? ['SchedulingDisabled'] : [])];
  const labels = Object.entries(metadata.labels ?? {});
  const roles = labels.flatMap(([key, value]) => (key.startsWith(rolePrefix) ? key.slice(rolePrefix.length) || [] : key === 'kubernetes.io/role' ? value || [] : []));
  const address = (type: string): string => orNone(status?.addresses?.find((entry) => entry.type === type)?.address);
  const info = status?.nodeInfo ?? {};
  const unknown = (text: string | undefined): string => text || '<unknown>';
  return [
    metadata.name,
    state.join(','),
    [...new Set(roles)].sort().join(',') || '<none>',
    age(node, now),
    info.kubeletVersion ?? '',
    address('InternalIP'),
    address('ExternalIP'),
    unknown(info.osImage),
    unknown(info.kernelVersion),
    unknown(info.containerRuntimeVersion),
  ];
}

function serviceRow(service: Service, now: number): Cell[] {
  const { spec } = service;
  return [
    service.metadata.name,
    spec.type ?? '',
    orNone(spec.clusterIPs?.[0] ?? spec.clusterIP),
    externalIp(service),
    (spec.ports ?? []).map(({ port, nodePort, protocol }) => `${port}${nodePort ? `:${nodePort}` : ''}/${protocol}`).join(',') || '<none>',
    age(service, now),
    labelText(spec.selector),
  ];
}

function externalIp({ spec, status }: Service): string {
  const external = spec.externalIPs ?? [];
  if (spec.type === 'ExternalName') return spec.externalName ?? '';
  if (spec.type !== 'LoadBalancer') return external.join(',') || '<none>';
  // kubectl cuts the load balancer's text only when it is not wide; a table has one text for both, and it is the whole one.
  const ingress = [...new Set((status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => ip || hostname || []))];
  return [...ingress.sort(), ...external].join(',') || '<pending>';
}

function deploymentRow(deployment: Deployment, now: number): Cell[] {
  const { spec, status } = deployment;
  return [
    deployment.metadata.name,
    `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    status?.updatedReplicas ?? 0,
    status?.availableReplicas ?? 0,
    age(deployment, now),
    containerNames(spec.template?.spec.containers),
    containerImages(spec.template?.spec.containers),
    selectorText(spec.selector),
  ];
}

function replicaSetRow(set: ReplicaSet, now: number): Cell[] {
  const { spec, status } = set;
  const containers = spec.template?.spec.containers;
  return [
    set.metadata.name,
    spec.replicas ?? 0,
    status?.replicas ?? 0,
    status?.readyReplicas ?? 0,
    age(set, now),
    containerNames(containers),
    containerImages(containers),
    selectorText(spec.selector),
  ];
}

const shownEndpoints = 3;

function endpointsText(object: KubeObject): string {
  const subsets = (object.subsets as { addresses?: { ip: string }[]; ports?: { name?: string; port: number }[] }[] | undefined) ?? [];
  const all = subsets.flatMap(({ addresses = [], ports = [] }) => {
    if (ports.length === 0) return addresses.map(({ ip }) => ip);
    return ports.flatMap(({ port }) => addresses.map(({ ip }) => `${ip}:${port}`));
  });
  return shortened(all);
}

function sliceRow(slice: EndpointSlice, now: number): Cell[] {
  const ports = slice.ports ?? [];
  const portText = ports.map(({ name, port }) => (port !== undefined ? String(port) : name || '*'));
  const addresses = (slice.endpoints ?? []).flatMap((endpoint) => endpoint.addresses);
  return [
    slice.metadata.name,
    slice.addressType,
    portText.length === 0 ? '<unset>' : shortened(portText),
    addresses.length === 0 ? '<unset>' : shortened(addresses),
    age(slice, now),
  ];
}

function shortened(items: readonly string[]): string {
  if (items.length === 0) return '<none>';
  return items.length > shownEndpoints ? `${items.slice(0, shownEndpoints).join(',')} + ${items.length - shownEndpoints} more...` : items.join(',');
}

function eventRow(event: EventObject, now: number): Cell[] {
  const series = event.series as { count?: number; lastObservedTime?: string } | undefined;
  const first = event.firstTimestamp ? timeSince(event.firstTimestamp, now) : timeSince(event.eventTime ?? undefined, now);
  const last = series?.lastObservedTime ? timeSince(series.lastObservedTime, now) : event.lastTimestamp ? timeSince(event.lastTimestamp, now) : first;
  const { kind = '', name = '', fieldPath } = event.involvedObject;
  const component = event.source?.component || event.reportingComponent || '';
  const host = event.source?.host || event.reportingInstance;
  return [
    last,
    event.type ?? '',
    event.reason ?? '',
    name ? `${kind.toLowerCase()}/${name}` : kind.toLowerCase(),
    fieldPath ?? '',
    [component, host].filter(Boolean).join(', '),
    (event.message ?? '').trim(),
    first,
    series?.count ?? (event.count || 1),
    event.metadata.name,
  ];
}

function bindingRow(object: KubeObject, now: number): Cell[] {
  const { roleRef, subjects = [] } = object as unknown as { roleRef?: { kind: string; name: string }; subjects?: { kind: string; name: string; namespace?: string }[] };
  const named = (kind: string): string =>
    subjects
      .filter((subject) => subject.kind === kind)
      .map(({ name, namespace }) => (kind === 'ServiceAccount' ? `${namespace}/${name}` : name))
      .join(', ');
  return [object.metadata.name, `${roleRef?.kind ?? ''}/${roleRef?.name ?? ''}`, age(object, now), named('User'), named('Group'), named('ServiceAccount')];
}
