import type { PolicyRule } from '../kinds/rbac-kinds.ts';
import { rule } from './rule.ts';

/** What every kubelet and its proxy may do. Which objects of its own it may change, NodeRestriction decides. */
export const nodeRules: PolicyRule[] = [
  rule('create', 'authentication.k8s.io', 'tokenreviews'),
  rule('create', 'authorization.k8s.io', 'localsubjectaccessreviews subjectaccessreviews'),
  rule('get list watch', 'core', 'services'),
  rule('create get list watch', 'core', 'nodes'),
  rule('patch update', 'core', 'nodes/status'),
  rule('patch update', 'core', 'nodes'),
  rule('create patch update', 'core events.k8s.io', 'events'),
  rule('get list watch', 'core', 'pods'),
  rule('create delete', 'core', 'pods'),
  rule('patch update', 'core', 'pods/status'),
  rule('create', 'core', 'pods/eviction'),
  rule('get', 'core', 'endpoints'),
  rule('get list watch', 'discovery.k8s.io', 'endpointslices'),
];
