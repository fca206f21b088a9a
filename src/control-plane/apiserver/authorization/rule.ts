import type { PolicyRule } from '../kinds/rbac-kinds.ts';

const words = (text: string): string[] => text.split(' ');

/** A rule from words with spaces between; `core` is the group without a name. */
export function rule(verbs: string, groups: string, resources: string, ...resourceNames: string[]): PolicyRule {
  const result: PolicyRule = { verbs: words(verbs), apiGroups: words(groups).map((group) => (group === 'core' ? '' : group)), resources: words(resources) };
  if (resourceNames.length > 0) result.resourceNames = resourceNames;
  return result;
}

export function urlRule(urls: string): PolicyRule {
  return { verbs: ['get'], nonResourceURLs: words(urls) };
}
