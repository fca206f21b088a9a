import type { UserInfo } from '../../../kube/request.ts';
import { deepEqual } from '../../../lib/json.ts';
import { rulesOfRole } from '../authorization/authorizer.ts';
import { atoms, covers } from '../authorization/rules.ts';
import type { BindingObject, PolicyRule, RoleObject } from '../kinds/rbac-kinds.ts';
import type { AdmissionRequest } from '../policy.ts';
import type { AdmissionOptions } from './admission.ts';
import { denied } from './request.ts';

/** Nobody grants what they do not have, unless they may `escalate` roles or `bind` that very role. */
export function checkEscalation(request: AdmissionRequest, options: AdmissionOptions): void {
  const { resource, operation, object, old } = request;
  if (resource.group !== 'rbac.authorization.k8s.io' || operation === 'DELETE' || !object) return;
  if (resource.resource.endsWith('rolebindings')) checkBinding(request, object as BindingObject, old as BindingObject | undefined, options);
  else checkRole(request, object as RoleObject, old as RoleObject | undefined, options);
}

function checkRole(request: AdmissionRequest, role: RoleObject, old: RoleObject | undefined, options: AdmissionOptions): void {
  if (old && deepEqual(role.rules ?? [], old.rules ?? []) && deepEqual(role.aggregationRule, old.aggregationRule)) return;
  if (may(request, options, 'escalate', request.resource.resource, role.metadata.name)) return;
  // Which rules it will have depends on roles that others write later: only those who have all may aggregate.
  const wanted = role.aggregationRule ? everything : (role.rules ?? []);
  refuseMissing(request, options, wanted, '');
}

const everything: PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

function checkBinding(request: AdmissionRequest, binding: BindingObject, old: BindingObject | undefined, options: AdmissionOptions): void {
  if (old && deepEqual(binding.subjects ?? [], old.subjects ?? []) && deepEqual(binding.roleRef, old.roleRef)) return;
  const { kind, name } = binding.roleRef ?? {};
  if (may(request, options, 'bind', kind === 'ClusterRole' ? 'clusterroles' : 'roles', name)) return;
  const role = kind === 'ClusterRole' ? options.lookup.clusterRole(name) : options.lookup.role(request.namespace ?? '', name);
  if (role) refuseMissing(request, options, rulesOfRole(options.lookup, role), '');
  else refuseMissing(request, options, everything, `${(kind ?? '').toLowerCase()}.rbac.authorization.k8s.io "${name}" not found`);
}

function may({ user, resource, namespace }: AdmissionRequest, { authorizer }: AdmissionOptions, verb: string, resourceName: string, name: string | undefined): boolean {
  return authorizer.authorize({ user, verb, group: resource.group, resource: resourceName, subresource: undefined, namespace, name }).allowed;
}

function refuseMissing(request: AdmissionRequest, { authorizer }: AdmissionOptions, wanted: readonly PolicyRule[], missingRole: string): void {
  const owned = authorizer.rulesFor(request.user, request.namespace);
  const missing = wanted.filter((rule) => !covers(owned, rule)).flatMap((rule) => atoms(rule).filter((atom) => !covers(owned, atom)));
  if (missing.length === 0) return;
  if (missingRole !== '') throw denied(request, missingRole);
  const rules = [...new Set(missing.map(compact))].sort();
  throw denied(request, `user ${named(request.user)} is attempting to grant RBAC permissions not currently held:\n${rules.join('\n')}`);
}

function named({ name, groups }: UserInfo): string {
  return `${JSON.stringify(name)} (groups=[${groups.map((group) => JSON.stringify(group)).join(' ')}])`;
}

function compact({ apiGroups, resources, resourceNames, nonResourceURLs, verbs }: PolicyRule): string {
  const list = (label: string, values: readonly string[] | undefined): string[] => (values?.length ? [`${label}:[${values.map((value) => JSON.stringify(value)).join(' ')}]`] : []);
  return `{${[...list('APIGroups', apiGroups), ...list('Resources', resources), ...list('ResourceNames', resourceNames), ...list('NonResourceURLs', nonResourceURLs), ...list('Verbs', verbs)].join(', ')}}`;
}
