import { notFound, StatusError } from '../../../kube/status.ts';
import type { AdmissionRequest } from '../policy.ts';
import type { AdmissionOptions } from './admission.ts';
import { denied } from './request.ts';

const immortal = new Set(['default', 'kube-system', 'kube-public']);

/** Nothing new in a namespace that is missing or on its way out; the basic namespaces stay. */
export function admitNamespace(request: AdmissionRequest, { lookup }: AdmissionOptions): void {
  const { operation, resource, namespace, name, subresource } = request;
  if (operation === 'DELETE' && resource.group === '' && resource.resource === 'namespaces' && immortal.has(name)) throw denied(request, 'this namespace may not be deleted');
  if (!resource.namespaced || namespace === undefined || operation === 'DELETE' || resource.resource.endsWith('accessreviews')) return;
  const found = lookup.namespace(namespace);
  if (!found) throw notFound('', 'namespaces', namespace);
  if (operation !== 'CREATE' || subresource !== undefined || found.status?.phase !== 'Terminating') return;
  const error = denied(request, `unable to create new content in namespace ${namespace} because it is being terminated`);
  throw new StatusError('Forbidden', error.message, {
    ...error.status.details,
    causes: [{ reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' }],
  });
}
