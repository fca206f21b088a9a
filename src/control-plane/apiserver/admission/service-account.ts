import type { Container, KubeObject, Pod } from '../../../kube/objects.ts';
import { nameSuffix } from '../../../lib/random.ts';
import type { AdmissionRequest } from '../policy.ts';
import type { AdmissionOptions } from './admission.ts';
import { denied, isPodWrite } from './request.ts';

export const mirrorAnnotation = 'kubernetes.io/config.mirror';
const tokenPath = '/var/run/secrets/kubernetes.io/serviceaccount';
/** An hour and a bit, so that a kubelet that renews at 80 % never hands out a token older than an hour. */
const tokenSeconds = 3607;

/** Gives a pod its service account, and the account's token, CA and namespace as a volume. */
export function admitServiceAccount(request: AdmissionRequest, { lookup, random }: AdmissionOptions): void {
  if (!isPodWrite(request, 'CREATE')) return;
  const pod = request.object as Pod;
  const { spec } = pod;
  if (pod.metadata.annotations?.[mirrorAnnotation] !== undefined) {
    if (spec.serviceAccountName) throw denied(request, 'a mirror pod may not reference service accounts');
    return;
  }
  const name = spec.serviceAccountName || 'default';
  spec.serviceAccountName = name;
  spec.serviceAccount = name;
  const namespace = request.namespace ?? '';
  const account = lookup.serviceAccount(namespace, name);
  if (!account) throw denied(request, `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`);
  if (spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) mountToken(pod, `kube-api-access-${nameSuffix(random)}`);
  const pullSecrets = account.imagePullSecrets as KubeObject[] | undefined;
  if (!(spec.imagePullSecrets as unknown[] | undefined)?.length && pullSecrets?.length) spec.imagePullSecrets = [...pullSecrets];
}

function mountToken({ spec }: Pod, volume: string): void {
  const lacking = [...(spec.initContainers ?? []), ...(spec.containers ?? [])].filter((container) => !mountsToken(container));
  if (lacking.length === 0) return;
  for (const container of lacking) container.volumeMounts = [...(container.volumeMounts ?? []), { name: volume, readOnly: true, mountPath: tokenPath }];
  const sources = [
    { serviceAccountToken: { expirationSeconds: tokenSeconds, path: 'token' } },
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
  ];
  spec.volumes = [...(spec.volumes ?? []), { name: volume, projected: { sources, defaultMode: 0o644 } }];
}

function mountsToken({ volumeMounts }: Container): boolean {
  return volumeMounts?.some(({ mountPath }) => mountPath === tokenPath) ?? false;
}
