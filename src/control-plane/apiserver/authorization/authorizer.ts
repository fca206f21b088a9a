import type { Pod } from '../../../kube/objects.ts';
import type { UserInfo } from '../../../kube/request.ts';
import { matchesLabels, selectorOf } from '../../../kube/selectors.ts';
import type { BindingObject, PolicyRule, RoleObject } from '../kinds/rbac-kinds.ts';
import type { AuthorizationAttributes } from '../policy.ts';
import { createNodeAuthorizer } from './node-authorizer.ts';
import { appliesTo, ruleAllows } from './rules.ts';

/** The objects that decide, as they are now. */
export interface AuthorizationLookup {
  clusterRole(name: string): RoleObject | undefined;
  clusterRoles(): Iterable<RoleObject>;
  clusterRoleBindings(): Iterable<BindingObject>;
  role(namespace: string, name: string): RoleObject | undefined;
  roleBindings(namespace: string): Iterable<BindingObject>;
  /** Pods bound to a node, in all namespaces. */
  podsOnNode(node: string): Iterable<Pod>;
}

export interface Authorizer {
  authorize(attributes: AuthorizationAttributes): { allowed: boolean; reason: string };
  /** The status of a SelfSubjectRulesReview: `{resourceRules, nonResourceRules, incomplete}`. */
  accessRules(user: UserInfo, namespace: string): object;
  /** Every rule that a user has in a namespace (undefined: in the whole cluster). */
  rulesFor(user: UserInfo, namespace: string | undefined): PolicyRule[];
}

const everything: PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

/** RBAC with the node authorizer before it; members of system:masters may do everything. */
export function createAuthorizer(options: { mode: 'rbac' | 'alwaysAllow'; lookup: AuthorizationLookup }): Authorizer {
  const { mode, lookup } = options;
  const isNodeAllowed = createNodeAuthorizer(lookup);
  const rulesFor = (user: UserInfo, namespace: string | undefined): PolicyRule[] =>
    isMaster(user, mode) ? everything : [...grants(lookup, user, namespace)].flatMap(({ rules }) => rules);
  return {
    authorize: (attributes) => {
      if (isMaster(attributes.user, mode)) return { allowed: true, reason: '' };
      if (isNodeAllowed(attributes)) return { allowed: true, reason: '' };
      return authorizeByRoles(lookup, attributes);
    },
    rulesFor,
    accessRules: (user, namespace) => {
      const rules = rulesFor(user, namespace);
      return {
        resourceRules: rules.filter(({ resources }) => resources?.length).map(({ nonResourceURLs: _, ...rule }) => rule),
        nonResourceRules: rules.filter(({ nonResourceURLs }) => nonResourceURLs?.length).map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
        incomplete: false,
      };
    },
  };
}

function isMaster(user: UserInfo, mode: 'rbac' | 'alwaysAllow'): boolean {
  return mode === 'alwaysAllow' || user.groups.includes('system:masters');
}

interface Grant {
  binding: BindingObject;
  /** Undefined: the role does not exist. */
  role: RoleObject | undefined;
  rules: PolicyRule[];
  subject: string;
}

function authorizeByRoles(lookup: AuthorizationLookup, attributes: AuthorizationAttributes): { allowed: boolean; reason: string } {
  const missing: string[] = [];
  const namespace = attributes.path === undefined ? attributes.namespace : undefined;
  for (const { binding, role, rules, subject } of grants(lookup, attributes.user, namespace)) {
    const { kind, name } = binding.roleRef;
    if (!role) missing.push(`${kind.toLowerCase()}.rbac.authorization.k8s.io "${name}" not found`);
    if (!rules.some((rule) => ruleAllows(rule, attributes))) continue;
    return { allowed: true, reason: `RBAC: allowed by ${binding.kind} "${bindingName(binding)}" of ${kind} "${name}" to ${subject}` };
  }
  return { allowed: false, reason: missing.length === 0 ? '' : `RBAC: ${missing.length === 1 ? missing[0] : `[${missing.join(', ')}]`}` };
}

function bindingName({ metadata }: BindingObject): string {
  return metadata.namespace ? `${metadata.name}/${metadata.namespace}` : metadata.name;
}

function* grants(lookup: AuthorizationLookup, user: UserInfo, namespace: string | undefined): Generator<Grant> {
  for (const binding of lookup.clusterRoleBindings()) yield* grantOf(lookup, binding, user);
  if (namespace) for (const binding of lookup.roleBindings(namespace)) yield* grantOf(lookup, binding, user);
}

function* grantOf(lookup: AuthorizationLookup, binding: BindingObject, user: UserInfo): Generator<Grant> {
  const subject = (binding.subjects ?? []).find((candidate) => appliesTo(candidate, user, binding.metadata.namespace));
  if (!subject) return;
  const { roleRef, metadata } = binding;
  const role = roleRef.kind === 'ClusterRole' ? lookup.clusterRole(roleRef.name) : lookup.role(metadata.namespace ?? '', roleRef.name);
  yield {
    binding,
    role,
    rules: role ? rulesOfRole(lookup, role) : [],
    subject: `${subject.kind} "${subject.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace}` : subject.name}"`,
  };
}

/** An aggregated role has the rules of every cluster role that its selectors match, as they are now. */
export function rulesOfRole(lookup: Pick<AuthorizationLookup, 'clusterRoles'>, role: RoleObject, seen = new Set<string>()): PolicyRule[] {
  const selectors = role.aggregationRule?.clusterRoleSelectors;
  if (!selectors?.length) return role.rules ?? [];
  seen.add(role.metadata.name);
  const rules: PolicyRule[] = [];
  for (const candidate of lookup.clusterRoles()) {
    if (seen.has(candidate.metadata.name)) continue;
    if (selectors.some((selector) => matchesLabels(selectorOf(selector), candidate.metadata.labels))) rules.push(...rulesOfRole(lookup, candidate, seen));
  }
  return rules;
}
