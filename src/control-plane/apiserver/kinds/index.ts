import type { ApiResource } from '../../../kube/api/tables.ts';
import { loadApiTables } from '../../../kube/api/tables.ts';
import type { KubeObject } from '../../../kube/objects.ts';
import { normalize } from '../schema/normalize.ts';
import { eventRules, leaseRules, namespaceRules, nodeRules, priorityClassRules } from './cluster-kinds.ts';
import { configMapRules, secretRules } from './config-kinds.ts';
import { endpointSliceRules, endpointsRules } from './endpoint-kinds.ts';
import { countGeneration, keepField, validateMetadata, validateMetadataUpdate } from './metadata.ts';
import { dnsSubdomain } from './names.ts';
import { podRules } from './pod.ts';
import { roleBindingRules, roleRules } from './rbac-kinds.ts';
import type { KindRules, StrategyOptions } from './rules.ts';
import { serviceRules } from './service.ts';
import type { KindContext, KindStrategy } from './strategy.ts';
import { deploymentRules, replicaSetRules } from './workloads.ts';

export { IpAllocator, PortAllocator } from './allocators.ts';
export { endpointsDeprecation } from './endpoint-kinds.ts';
export type { StrategyOptions } from './rules.ts';
export { followService } from './service-allocation.ts';
export type { FieldError, KindContext, KindStrategy } from './strategy.ts';

/** By `group/resource`. A kind that is not here is plain data: the common rules are all it has. */
const rulesByResource: Record<string, KindRules> = {
  '/configmaps': configMapRules,
  '/endpoints': endpointsRules,
  '/events': eventRules,
  '/namespaces': namespaceRules,
  '/nodes': nodeRules,
  '/pods': podRules,
  '/secrets': secretRules,
  '/services': serviceRules,
  'apps/deployments': deploymentRules,
  'apps/replicasets': replicaSetRules,
  'coordination.k8s.io/leases': leaseRules,
  'discovery.k8s.io/endpointslices': endpointSliceRules,
  'rbac.authorization.k8s.io/clusterrolebindings': roleBindingRules,
  'rbac.authorization.k8s.io/clusterroles': roleRules,
  'rbac.authorization.k8s.io/rolebindings': roleBindingRules,
  'rbac.authorization.k8s.io/roles': roleRules,
  'scheduling.k8s.io/priorityclasses': priorityClassRules,
};

/** The rules of one resource. Make it once a server and resource: options belong to the cluster. */
export function strategyFor(resource: ApiResource, options: StrategyOptions = {}): KindStrategy {
  const rules = rulesByResource[`${resource.group}/${resource.resource}`] ?? {};
  const tables = loadApiTables();
  const definition = tables.definitionOf(resource.group, resource.version, resource.kind) ?? '';
  const hasStatus = rules.hasStatus ?? false;
  const nameRule = rules.name ?? dnsSubdomain;
  const validate = (object: KubeObject) => [...validateMetadata(object, resource.namespaced, nameRule), ...(rules.validate?.(object, options) ?? [])];
  const strategy: KindStrategy = {
    hasStatus,
    default: (object) => {
      normalize(tables, definition, object);
      if (!rules.defaultsSpec || !isStored(object.spec)) rules.default?.(object);
    },
    prepareForCreate: (object, context) => (rules.prepareForCreate ? rules.prepareForCreate(object, context) : clearStatus(object, hasStatus)),
    prepareForUpdate: (object, old, context) => (rules.prepareForUpdate ?? keepOther)(object, old, context),
    validate,
    validateUpdate: (object, old) => {
      // The stored spec was found valid when it was written.
      const sameSpec = object.spec !== undefined && object.spec === old.spec;
      const errors = sameSpec ? validateMetadata(object, resource.namespaced, nameRule) : validate(object);
      return [...validateMetadataUpdate(object, old), ...errors, ...(rules.validateUpdate?.(object, old) ?? [])];
    },
    warnings: (object) => rules.warnings?.(object) ?? [],
    selectableFields: (object) => ({ ...rules.selectableFields?.(object), ...metadataFields(object) }),
  };
  if (rules.allocate) strategy.allocate = rules.allocate;
  if (rules.release) strategy.release = rules.release;
  if (rules.claims) strategy.claims = rules.claims;
  if (rules.graceSeconds) strategy.graceSeconds = rules.graceSeconds;
  return strategy;
}

function isStored(spec: unknown): boolean {
  return typeof spec === 'object' && Object.isFrozen(spec);
}

function metadataFields({ metadata }: KubeObject): Record<string, string> {
  return metadata.namespace === undefined ? { 'metadata.name': metadata.name } : { 'metadata.name': metadata.name, 'metadata.namespace': metadata.namespace };
}

function clearStatus(object: KubeObject, hasStatus: boolean): void {
  if (hasStatus) object.status = {};
}

function keepOther(object: KubeObject, old: KubeObject, { subresource }: KindContext): void {
  if (subresource === 'status') keepField(object, old, 'spec');
  else if (old.status !== undefined || object.status !== undefined) keepField(object, old, 'status');
  countGeneration(object, old);
}
