import type { UserInfo } from '../../../kube/request.ts';
import type { PolicyRule, Subject } from '../kinds/rbac-kinds.ts';
import type { AuthorizationAttributes } from '../policy.ts';

/** A subject of a binding is this user, one of its groups, or its service account. */
export function appliesTo(subject: Subject, user: UserInfo, bindingNamespace: string | undefined): boolean {
  if (subject.kind === 'User') return subject.name === user.name;
  if (subject.kind === 'Group') return user.groups.includes(subject.name);
  return subject.kind === 'ServiceAccount' && user.name === `system:serviceaccount:${subject.namespace || bindingNamespace}:${subject.name}`;
}

export function ruleAllows(rule: PolicyRule, attributes: AuthorizationAttributes): boolean {
  if (!has(rule.verbs, attributes.verb)) return false;
  if (attributes.path !== undefined) return (rule.nonResourceURLs ?? []).some((pattern) => matchesPath(pattern, attributes.path ?? ''));
  const { group, resource, subresource, name } = attributes;
  if (!has(rule.apiGroups, group) || !matchesResource(rule.resources, resource, subresource)) return false;
  return !rule.resourceNames?.length || rule.resourceNames.includes(name ?? '');
}

function has(list: readonly string[] | undefined, value: string): boolean {
  return list?.some((item) => item === '*' || item === value) ?? false;
}

function matchesResource(resources: readonly string[] | undefined, resource: string, subresource: string | undefined): boolean {
  const combined = subresource ? `${resource}/${subresource}` : resource;
  return resources?.some((item) => item === '*' || item === combined || (subresource !== undefined && item === `*/${subresource}`)) ?? false;
}

function matchesPath(pattern: string, path: string): boolean {
  return pattern === '*' || pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1)));
}

/** Everything `wanted` allows is allowed by `owned` already. */
export function covers(owned: readonly PolicyRule[], wanted: PolicyRule): boolean {
  return atoms(wanted).every((atom) => owned.some((rule) => ruleCovers(rule, atom)));
}

/** One verb on one resource (or URL) of one group, by one name or by any. */
export function atoms(rule: PolicyRule): PolicyRule[] {
  const result: PolicyRule[] = [];
  for (const verb of rule.verbs) {
    for (const url of rule.nonResourceURLs ?? []) result.push({ verbs: [verb], nonResourceURLs: [url] });
    for (const group of rule.apiGroups ?? []) {
      for (const resource of rule.resources ?? []) {
        if (!rule.resourceNames?.length) result.push({ verbs: [verb], apiGroups: [group], resources: [resource] });
        for (const name of rule.resourceNames ?? []) result.push({ verbs: [verb], apiGroups: [group], resources: [resource], resourceNames: [name] });
      }
    }
  }
  return result;
}

function ruleCovers(rule: PolicyRule, atom: PolicyRule): boolean {
  const [verb = ''] = atom.verbs;
  if (!has(rule.verbs, verb)) return false;
  const url = atom.nonResourceURLs?.[0];
  if (url !== undefined) return (rule.nonResourceURLs ?? []).some((pattern) => matchesPath(pattern, url));
  const [resource = '', subresource] = atom.resources?.[0]?.split('/') ?? [];
  if (!has(rule.apiGroups, atom.apiGroups?.[0] ?? '') || !matchesResource(rule.resources, resource, subresource)) return false;
  const name = atom.resourceNames?.[0];
  return !rule.resourceNames?.length || (name !== undefined && rule.resourceNames.includes(name));
}
