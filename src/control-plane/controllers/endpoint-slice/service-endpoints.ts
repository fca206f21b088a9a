import type { Endpoint, EndpointSlice, NodeObject, Pod, Service } from '../../../kube/objects.ts';
import { canonicalJson } from '../../../lib/json.ts';
import { isEnded, isReady } from '../pods.ts';

export type EndpointPorts = NonNullable<EndpointSlice['ports']>;

/** Pods that share the same numbers for a Service's ports. Named target ports may differ from pod to pod. */
export interface EndpointGroup {
  ports: EndpointPorts;
  endpoints: Endpoint[];
}

interface Member {
  node: NodeObject | undefined;
  endpoint: Endpoint;
  ports: EndpointPorts;
  portsKey: string;
}

/** What a pod is to a Service follows from the two (and the node): objects never change, so it is worked out once. */
const members = new WeakMap<Service, WeakMap<Pod, Member>>();

/** The pods behind a Service as endpoints, in groups of equal ports; by pod name. */
export function serviceEndpoints(service: Service, pods: readonly Pod[], nodeOf: (name: string) => NodeObject | undefined): EndpointGroup[] {
  const groups = new Map<string, EndpointGroup>();
  let known = members.get(service);
  if (!known) {
    known = new WeakMap();
    members.set(service, known);
  }
  for (const pod of [...pods].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))) {
    if (!pod.status?.podIP || isEnded(pod)) continue;
    const node = nodeOf(pod.spec.nodeName ?? '');
    let member = known.get(pod);
    if (!member || member.node !== node) {
      member = memberOf(service, pod, node);
      known.set(pod, member);
    }
    const group = groups.get(member.portsKey);
    if (group) group.endpoints.push(member.endpoint);
    else groups.set(member.portsKey, { ports: member.ports, endpoints: [member.endpoint] });
  }
  return [...groups.values()];
}

function memberOf(service: Service, pod: Pod, node: NodeObject | undefined): Member {
  const ports = portsFor(service, pod);
  return { node, endpoint: endpointOf(service, pod, node), ports, portsKey: canonicalJson(ports) };
}

function endpointOf(service: Service, pod: Pod, node: NodeObject | undefined): Endpoint {
  const { name, namespace, uid, deletionTimestamp } = pod.metadata;
  const serving = isReady(pod);
  const terminating = deletionTimestamp !== undefined;
  const endpoint: Endpoint = {
    addresses: [pod.status?.podIP ?? ''],
    conditions: { ready: service.spec.publishNotReadyAddresses === true || (serving && !terminating), serving, terminating },
    targetRef: { kind: 'Pod', name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) },
  };
  const zone = node?.metadata.labels?.['topology.kubernetes.io/zone'];
  if (pod.spec.nodeName) endpoint.nodeName = pod.spec.nodeName;
  if (zone) endpoint.zone = zone;
  if (pod.spec.hostname && pod.spec.subdomain === service.metadata.name) endpoint.hostname = pod.spec.hostname;
  return endpoint;
}

/** Ports whose name no container of the pod has are left out. */
function portsFor(service: Service, pod: Pod): EndpointPorts {
  const ports: EndpointPorts = [];
  for (const { name = '', protocol = 'TCP', port, targetPort = port, appProtocol } of service.spec.ports ?? []) {
    const number = typeof targetPort === 'number' ? targetPort || port : namedPort(pod, targetPort, protocol);
    if (number !== undefined) ports.push({ name, port: number, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) });
  }
  return ports;
}

function namedPort(pod: Pod, name: string, protocol: string): number | undefined {
  const sidecars = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  for (const container of [...pod.spec.containers, ...sidecars]) {
    const found = container.ports?.find((port) => port.name === name && (port.protocol ?? 'TCP') === protocol);
    if (found) return found.containerPort;
  }
  return undefined;
}
