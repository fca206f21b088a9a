import type { Container, EnvVar, LifecycleHandler, PodSpec, Probe } from '../../../kube/objects.ts';

type Json = Record<string, unknown>;

/** Defaults of a pod template's spec: everything but what only real pods get. */
export function defaultPodSpec(spec: PodSpec): void {
  spec.restartPolicy ??= 'Always';
  spec.terminationGracePeriodSeconds ??= 30;
  spec.dnsPolicy ??= 'ClusterFirst';
  spec.securityContext ??= {};
  spec.schedulerName ??= 'default-scheduler';
  // The old name of the field is kept equal for old clients.
  const account = spec.serviceAccountName ?? (spec.serviceAccount as string | undefined);
  if (account !== undefined) {
    spec.serviceAccountName = account;
    spec.serviceAccount = account;
  }
  for (const volume of spec.volumes ?? []) defaultVolume(volume);
  for (const container of everyContainer(spec)) defaultContainer(container, spec.hostNetwork === true);
}

/** What a pod gets beyond its template. */
export function defaultPod(spec: PodSpec): void {
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) defaultRequests(container);
  spec.enableServiceLinks ??= true;
  defaultPodSpec(spec);
}

function everyContainer(spec: PodSpec): Container[] {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])];
}

/** A limit without a request is the request too. */
function defaultRequests({ resources }: Container): void {
  if (!resources?.limits) return;
  resources.requests = { ...resources.limits, ...resources.requests };
}

function defaultContainer(container: Container, hostNetwork: boolean): void {
  container.terminationMessagePath ??= '/dev/termination-log';
  container.terminationMessagePolicy ??= 'File';
  container.imagePullPolicy ??= defaultPullPolicy(container.image ?? '');
  container.resources ??= {};
  for (const port of container.ports ?? []) {
    port.protocol ??= 'TCP';
    if (hostNetwork) port.hostPort ??= port.containerPort;
  }
  for (const variable of container.env ?? []) defaultVariable(variable);
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) if (probe) defaultProbe(probe);
  for (const handler of [container.lifecycle?.postStart, container.lifecycle?.preStop]) if (handler) defaultHandler(handler);
}

/** Images without a tag, or with `latest`, are pulled always. */
function defaultPullPolicy(image: string): 'Always' | 'IfNotPresent' {
  if (image.includes('@')) return 'IfNotPresent';
  const tag = image.split('/').at(-1)?.split(':')[1];
  return tag === undefined || tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function defaultVariable(variable: EnvVar): void {
  const from = variable.valueFrom;
  if (from?.fieldRef) (from.fieldRef as Json).apiVersion ??= 'v1';
  if (from?.resourceFieldRef) from.resourceFieldRef.divisor ??= '0';
}

function defaultProbe(probe: Probe): void {
  probe.timeoutSeconds ??= 1;
  probe.periodSeconds ??= 10;
  probe.successThreshold ??= 1;
  probe.failureThreshold ??= 3;
  if (probe.grpc) probe.grpc.service ??= '';
  defaultHandler(probe);
}

function defaultHandler(handler: Pick<LifecycleHandler, 'httpGet'>): void {
  if (!handler.httpGet) return;
  handler.httpGet.path ??= '/';
  handler.httpGet.scheme ??= 'HTTP';
}

const fileMode = 0o644;

function defaultVolume(volume: Json): void {
  if (Object.keys(volume).every((key) => key === 'name')) volume.emptyDir = {};
  for (const kind of ['secret', 'configMap', 'downwardAPI', 'projected']) if (volume[kind]) (volume[kind] as Json).defaultMode ??= fileMode;
  if (volume.hostPath) (volume.hostPath as Json).type ??= '';
  if (volume.downwardAPI) defaultDownward(volume.downwardAPI as Json);
  for (const source of ((volume.projected as Json | undefined)?.sources as Json[] | undefined) ?? []) {
    if (source.serviceAccountToken) (source.serviceAccountToken as Json).expirationSeconds ??= 3600;
    if (source.downwardAPI) defaultDownward(source.downwardAPI as Json);
  }
}

function defaultDownward(source: Json): void {
  for (const item of (source.items as Json[] | undefined) ?? []) {
    if (item.fieldRef) (item.fieldRef as Json).apiVersion ??= 'v1';
    if (item.resourceFieldRef) (item.resourceFieldRef as Json).divisor ??= '0';
  }
}
