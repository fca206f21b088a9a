import type { StatusError } from '../../../kube/status.ts';
import { forbidden } from '../../../kube/status.ts';
import type { AdmissionRequest } from '../policy.ts';

/** A write of a pod itself, not of one of its subresources. */
export function isPodWrite({ resource, subresource, operation }: AdmissionRequest, ...operations: AdmissionRequest['operation'][]): boolean {
  return resource.group === '' && resource.resource === 'pods' && subresource === undefined && operations.includes(operation);
}

/** `pods "web" is forbidden: why`. */
export function denied({ resource, name }: AdmissionRequest, why: string): StatusError {
  return forbidden(resource.group, resource.resource, name, why);
}
