import type { KubeObject, NodeObject, Pod } from '../../../kube/objects.ts';
import { deepEqual } from '../../../lib/json.ts';
import { nodeNameOf } from '../authorization/node-authorizer.ts';
import type { AdmissionRequest } from '../policy.ts';
import type { AdmissionOptions } from './admission.ts';
import { denied } from './request.ts';
import { mirrorAnnotation } from './service-account.ts';

/** A kubelet changes only its own node, and the pods bound to it. */
export function restrictNode(request: AdmissionRequest, options: AdmissionOptions): void {
  const node = nodeNameOf(request.user);
  if (node === undefined) return;
  const { group, resource } = request.resource;
  if (group === '' && resource === 'pods') restrictPod(request, node, options);
  else if (group === '' && resource === 'nodes') restrictOwnNode(request, node);
  else if (group === '' && resource === 'serviceaccounts' && request.subresource === 'token') restrictToken(request, node, options);
  else if (group === 'coordination.k8s.io' && resource === 'leases' && (request.name !== node || request.namespace !== 'kube-node-lease')) {
    throw denied(request, 'can only access node lease with the same name as the requesting node');
  }
}

function restrictPod(request: AdmissionRequest, node: string, { lookup }: AdmissionOptions): void {
  const { operation, subresource, object, old, namespace = '', name } = request;
  const what = subresource === undefined ? operation : `${operation} ${subresource}`;
  if (what === 'CREATE') {
    restrictMirrorPod(request, node, object as Pod);
    return;
  }
  const refusal = ownPodOnly[what];
  if (refusal === undefined) {
    if (subresource !== undefined) throw denied(request, `unexpected pod subresource "${subresource}", only 'status' and 'eviction' are allowed`);
    throw denied(request, `unexpected operation "${operation}", node "${node}" can only create and delete mirror pods`);
  }
  const pod = (old ?? lookup.pod(namespace, name)) as Pod | undefined;
  if (pod && pod.spec.nodeName !== node) throw denied(request, `node "${node}" can only ${refusal} pods with spec.nodeName set to itself`);
  if (subresource === 'status' && !deepEqual(object?.metadata.labels ?? {}, pod?.metadata.labels ?? {}))
    throw denied(request, `node "${node}" cannot update labels through pod status`);
}

const ownPodOnly: Record<string, string> = { DELETE: 'delete', 'UPDATE status': 'update pod status for', 'CREATE eviction': 'evict' };

function restrictMirrorPod(request: AdmissionRequest, node: string, pod: Pod): void {
  if (pod.metadata.annotations?.[mirrorAnnotation] === undefined)
    throw denied(request, `pod does not have "${mirrorAnnotation}" annotation, node "${node}" can only create mirror pods`);
  if (pod.spec.nodeName !== node) throw denied(request, `node "${node}" can only create pods with spec.nodeName set to itself`);
  if (pod.spec.serviceAccountName) throw denied(request, `node "${node}" can not create pods that reference a service account`);
}

function restrictOwnNode(request: AdmissionRequest, node: string): void {
  const { operation, object, old, name } = request;
  // Registering under a generated name is no one's own node.
  if ((object?.metadata.name ?? name) !== node) throw denied(request, `node "${node}" is not allowed to modify node "${name}"`);
  if (operation === 'CREATE') {
    // A kops node says its role and group when it registers; nobody lets it delete itself and come back as something else.
    const labels = forbiddenLabels(object?.metadata.labels ?? {}, {}).filter((key) => !key.startsWith('node-role.kubernetes.io/') && !key.startsWith('kops.k8s.io/'));
    if (labels.length > 0) throw denied(request, `node "${node}" is not allowed to set the following labels: ${labels.join(', ')}`);
  } else if (operation === 'UPDATE' && object && old) restrictNodeUpdate(request, node, object, old);
}

function restrictNodeUpdate(request: AdmissionRequest, node: string, object: KubeObject, old: KubeObject): void {
  if (!deepEqual((object as NodeObject).spec?.taints ?? [], (old as NodeObject).spec?.taints ?? [])) throw denied(request, `node "${node}" is not allowed to modify taints`);
  if (!deepEqual(object.metadata.ownerReferences ?? [], old.metadata.ownerReferences ?? [])) throw denied(request, `node "${node}" is not allowed to modify ownerReferences`);
  const labels = forbiddenLabels(object.metadata.labels ?? {}, old.metadata.labels ?? {});
  if (labels.length > 0) throw denied(request, `is not allowed to modify labels: ${labels.join(', ')}`);
}

const ownLabels = new Set([
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/instance-type',
  'beta.kubernetes.io/os',
  'failure-domain.beta.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'kubernetes.io/arch',
  'kubernetes.io/hostname',
  'kubernetes.io/os',
  'node.kubernetes.io/instance-type',
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
]);
const ownNamespaces = ['kubelet.kubernetes.io', 'node.kubernetes.io'];

/** Kubernetes' own labels steer the scheduler, so a node may not give itself any that its kubelet does not need. */
function forbiddenLabels(labels: Record<string, string>, before: Record<string, string>): string[] {
  const changed = [...new Set([...Object.keys(labels), ...Object.keys(before)])].filter((key) => labels[key] !== before[key]);
  return changed.filter((key) => isKubernetesLabel(key) && !isOwnLabel(key)).sort();
}

function isKubernetesLabel(key: string): boolean {
  const [domain] = key.split('/');
  return key.includes('/') && ['kubernetes.io', 'k8s.io'].some((suffix) => domain === suffix || domain?.endsWith(`.${suffix}`));
}

function isOwnLabel(key: string): boolean {
  const [domain] = key.split('/');
  return ownLabels.has(key) || ownNamespaces.some((own) => domain === own || domain?.endsWith(`.${own}`));
}

function restrictToken(request: AdmissionRequest, node: string, { lookup }: AdmissionOptions): void {
  const { object, namespace = '', name } = request;
  const reference = (object?.spec as { boundObjectRef?: { kind?: string; name?: string; uid?: string } } | undefined)?.boundObjectRef;
  if (reference?.kind !== 'Pod' || !reference.name) throw denied(request, 'node requested token not bound to a pod');
  if (!reference.uid) throw denied(request, 'node requested token with a pod binding without a uid');
  const pod = lookup.pod(namespace, reference.name);
  if (!pod || pod.metadata.uid !== reference.uid) throw denied(request, `node requested token for pod ${namespace}/${reference.name} that does not exist`);
  if (pod.spec.nodeName !== node) throw denied(request, 'node requested token bound to a pod scheduled on a different node');
  if (pod.spec.serviceAccountName !== name) throw denied(request, `node requested token of service account ${name} for a pod that runs as ${pod.spec.serviceAccountName}`);
}
