import type { Endpoint, EndpointSlice, NodeObject, Pod, Service } from '../../../kube/objects.ts';
import { canonicalJson } from '../../../lib/json.ts';
import { isEnded, isReady } from '../pods.ts';

export type EndpointPorts = NonNullable<EndpointSlice['ports']>;

/** Pods that share the same numbers for a Service's ports. Named target ports may differ from pod to pod. */
export interface EndpointGroup {
  ports: EndpointPorts;
  endpoints: Endpoint[];
}

/** The pods behind a Service as endpoints, in groups of equal ports; by pod name. */
export function serviceEndpoints(service: Service, pods: readonly Pod[], nodeOf: (name: string) => NodeObject | undefined): EndpointGroup[] {
  const groups = new Map<string, EndpointGroup>();
  for (const pod of [...pods].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))) {
    if (!pod.status?.podIP || isEnded(pod)) continue;
    const ports = portsFor(service, pod);
    const key = canonicalJson(ports);
    const group = groups.get(key) ?? { ports, endpoints: [] };
    group.endpoints.push(endpointOf(service, pod, nodeOf(pod.spec.nodeName ?? '')));
    groups.set(key, group);
  }
  return [...groups.values()];
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
