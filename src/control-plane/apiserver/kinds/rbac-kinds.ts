import type { KubeObject, LabelSelector } from '../../../kube/objects.ts';
import { deepEqual } from '../../../lib/json.ts';
import { invalidAll, invalidValue, notSupported, required } from './field-errors.ts';
import { dnsSubdomain, pathSegment } from './names.ts';
import type { KindRules } from './rules.ts';
import { validateLabelSelector } from './selector-validation.ts';
import type { FieldError } from './strategy.ts';

const rbacGroup = 'rbac.authorization.k8s.io';

export interface PolicyRule {
  verbs: string[];
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
  nonResourceURLs?: string[];
}

export interface Subject {
  kind: string;
  apiGroup?: string;
  name: string;
  namespace?: string;
}

export interface RoleRef {
  apiGroup: string;
  kind: string;
  name: string;
}

export interface RoleObject extends KubeObject {
  rules?: PolicyRule[];
  aggregationRule?: { clusterRoleSelectors?: LabelSelector[] };
}

export interface BindingObject extends KubeObject {
  roleRef: RoleRef;
  subjects?: Subject[];
}

export const roleRules: KindRules = {
  name: pathSegment,
  validate: (object) => validateRules(object as RoleObject, object.kind === 'Role'),
};

function validateRules(role: RoleObject, namespaced: boolean): FieldError[] {
  const selectors = role.aggregationRule?.clusterRoleSelectors;
  const errors: FieldError[] = [];
  if (role.aggregationRule && !selectors?.length)
    errors.push(required('aggregationRule.clusterRoleSelectors', 'at least one clusterRoleSelector required if aggregationRule is non-nil'));
  for (const [index, selector] of (selectors ?? []).entries()) errors.push(...validateLabelSelector(selector, `aggregationRule.clusterRoleSelectors[${index}]`));
  for (const [index, rule] of (role.rules ?? []).entries()) errors.push(...validateRule(rule, `rules[${index}]`, namespaced));
  return errors;
}

function validateRule(rule: PolicyRule, at: string, namespaced: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (!rule.verbs?.length) errors.push(required(`${at}.verbs`, 'verbs must contain at least one value'));
  if (rule.nonResourceURLs?.length) {
    if (namespaced) errors.push(invalidValue(`${at}.nonResourceURLs`, rule.nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'));
    const mixed = [rule.apiGroups, rule.resources, rule.resourceNames].some((list) => list?.length);
    if (mixed) errors.push(invalidValue(`${at}.nonResourceURLs`, rule.nonResourceURLs, 'rules cannot apply to both regular resources and non-resource URLs'));
    return errors;
  }
  if (!rule.apiGroups?.length) errors.push(required(`${at}.apiGroups`, 'resource rules must supply at least one api group'));
  if (!rule.resources?.length) errors.push(required(`${at}.resources`, 'resource rules must supply at least one resource'));
  return errors;
}

export const roleBindingRules: KindRules = {
  name: pathSegment,
  default: (object) => {
    const binding = object as BindingObject;
    if (binding.roleRef && !binding.roleRef.apiGroup) binding.roleRef.apiGroup = rbacGroup;
    for (const subject of binding.subjects ?? []) if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ??= rbacGroup;
  },
  validate: (object) => validateBinding(object as BindingObject, object.kind === 'RoleBinding'),
  validateUpdate: (object, old) => (deepEqual(object.roleRef, old.roleRef) ? [] : [invalidValue('roleRef', object.roleRef, 'cannot change roleRef')]),
};

function validateBinding({ roleRef, subjects = [] }: BindingObject, namespaced: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const kinds = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  if (roleRef?.apiGroup !== rbacGroup) errors.push(notSupported('roleRef.apiGroup', roleRef?.apiGroup, [rbacGroup]));
  if (!kinds.includes(roleRef?.kind)) errors.push(notSupported('roleRef.kind', roleRef?.kind, kinds));
  if (!roleRef?.name) errors.push(required('roleRef.name'));
  else errors.push(...invalidAll('roleRef.name', roleRef.name, pathSegment(roleRef.name)));
  return [...errors, ...subjects.flatMap((subject, index) => validateSubject(subject, `subjects[${index}]`))];
}

function validateSubject(subject: Subject, at: string): FieldError[] {
  const errors = subject.name ? [] : [required(`${at}.name`)];
  if (subject.kind === 'ServiceAccount') {
    if (subject.name) errors.push(...invalidAll(`${at}.name`, subject.name, dnsSubdomain(subject.name)));
    if (subject.apiGroup) errors.push(notSupported(`${at}.apiGroup`, subject.apiGroup, ['']));
    if (!subject.namespace) errors.push(required(`${at}.namespace`));
  } else if (subject.kind === 'User' || subject.kind === 'Group') {
    if (subject.apiGroup !== rbacGroup) errors.push(notSupported(`${at}.apiGroup`, subject.apiGroup, [rbacGroup]));
  } else errors.push(notSupported(`${at}.kind`, subject.kind, ['ServiceAccount', 'User', 'Group']));
  return errors;
}
