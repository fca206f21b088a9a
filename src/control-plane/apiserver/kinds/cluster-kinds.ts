import type { KubeObject, Namespace, NodeObject, Taint } from '../../../kube/objects.ts';
import { deepEqual } from '../../../lib/json.ts';
import { duplicate, forbiddenField, immutableMessage, invalidAll, invalidValue, notSupported, oneOf, required } from './field-errors.ts';
import { keepField } from './metadata.ts';
import { dnsLabel, labelValue, qualifiedName } from './names.ts';
import type { KindRules } from './rules.ts';
import type { FieldError } from './strategy.ts';

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

export const namespaceRules: KindRules = {
  hasStatus: true,
  name: dnsLabel,
  default: ({ metadata }) => {
    if (metadata.name) metadata.labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name };
  },
  prepareForCreate: (object) => {
    const namespace = object as Namespace;
    const finalizers = namespace.spec?.finalizers ?? [];
    namespace.spec = { finalizers: finalizers.includes('kubernetes') ? finalizers : [...finalizers, 'kubernetes'] };
    namespace.status = { phase: 'Active' };
  },
  prepareForUpdate: (object, old, { subresource }) => {
    if (subresource !== 'finalize') keepField(object, old, 'spec');
    if (subresource !== 'status') keepField(object, old, 'status');
  },
  validateUpdate: () => [],
  selectableFields: (object) => ({ 'status.phase': (object as Namespace).status?.phase ?? '', name: object.metadata.name }),
};

/** A kubelet registers its node with a status, so a new node keeps it. */
export const nodeRules: KindRules = {
  hasStatus: true,
  default: (object) => {
    const { status } = object as NodeObject;
    if (status?.capacity) status.allocatable ??= { ...status.capacity };
  },
  prepareForCreate: () => {},
  validate: (object) => validateTaints((object as NodeObject).spec?.taints ?? []),
  validateUpdate: (object, old) => validateNodeUpdate(object as NodeObject, old as NodeObject),
  selectableFields: (object) => ({ 'spec.unschedulable': String((object as NodeObject).spec?.unschedulable ?? false) }),
};

function validateTaints(taints: readonly Taint[]): FieldError[] {
  const seen = new Set<string>();
  return taints.flatMap((taint, index) => {
    const at = `metadata.taints[${index}]`;
    const errors = taint.key ? invalidAll(`${at}.key`, taint.key, qualifiedName(taint.key)) : [required(`${at}.key`)];
    errors.push(...invalidAll(`${at}.value`, taint.value ?? '', labelValue(taint.value ?? '')), ...oneOf(`${at}.effect`, taint.effect, effects));
    const key = `${taint.key}:${taint.effect}`;
    if (seen.has(key)) errors.push({ ...duplicate(at, taint), message: `${duplicate(at, taint).message}: taints must be unique by key and effect pair` });
    seen.add(key);
    return errors;
  });
}

function validateNodeUpdate(node: NodeObject, old: NodeObject): FieldError[] {
  const errors: FieldError[] = [];
  if (old.spec.podCIDRs?.length && !deepEqual(node.spec.podCIDRs, old.spec.podCIDRs)) {
    errors.push(forbiddenField('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'));
  }
  if (old.spec.providerID && node.spec.providerID !== old.spec.providerID) {
    errors.push(forbiddenField('spec.providerID', 'node updates may not change providerID except from "" to valid'));
  }
  return errors;
}

const highestUserPriority = 1_000_000_000;

export const priorityClassRules: KindRules = {
  default: (object) => {
    object.preemptionPolicy ??= 'PreemptLowerPriority';
  },
  validate: (object) => {
    const errors: FieldError[] = [];
    const value = Number(object.value ?? 0);
    if (object.metadata.name?.startsWith('system-') && !systemPriorities.has(`${object.metadata.name}=${value}`)) {
      errors.push(
        forbiddenField(
          'metadata.name',
          `priority class names with 'system-' prefix are reserved for system use only. error: ${object.metadata.name} is not a known system priority class`,
        ),
      );
    } else if (value > highestUserPriority && !object.metadata.name?.startsWith('system-')) {
      errors.push(forbiddenField('value', `maximum allowed value of a user defined priority is ${highestUserPriority}`));
    }
    if (!['Never', 'PreemptLowerPriority'].includes(String(object.preemptionPolicy)))
      errors.push(notSupported('preemptionPolicy', object.preemptionPolicy, ['Never', 'PreemptLowerPriority']));
    return errors;
  },
  validateUpdate: (object, old) => {
    const errors: FieldError[] = [];
    if (object.value !== old.value) errors.push(forbiddenField('value', 'may not be changed in an update.'));
    if (object.preemptionPolicy !== old.preemptionPolicy) errors.push(invalidValue('preemptionPolicy', object.preemptionPolicy, immutableMessage));
    return errors;
  },
};

const systemPriorities = new Set(['system-node-critical=2000001000', 'system-cluster-critical=2000000000']);

export const leaseRules: KindRules = {
  validate: (object) => {
    const spec = (object.spec ?? {}) as { leaseDurationSeconds?: number; leaseTransitions?: number; holderIdentity?: string };
    const errors: FieldError[] = [];
    if (spec.leaseDurationSeconds !== undefined && spec.leaseDurationSeconds <= 0)
      errors.push(invalidValue('spec.leaseDurationSeconds', spec.leaseDurationSeconds, 'must be greater than 0'));
    if (spec.leaseTransitions !== undefined && spec.leaseTransitions < 0)
      errors.push(invalidValue('spec.leaseTransitions', spec.leaseTransitions, 'must be greater than or equal to 0'));
    return errors;
  },
};

export const eventRules: KindRules = {
  validate: (object) => {
    const involved = (object.involvedObject ?? {}) as { namespace?: string };
    const namespace = object.metadata.namespace;
    // Events of cluster-scoped things live in the default namespace.
    if (involved.namespace ? involved.namespace === namespace : namespace === 'default' || namespace === 'kube-system') return [];
    return [invalidValue('involvedObject.namespace', involved.namespace ?? '', 'does not match event.namespace')];
  },
  selectableFields: (object) => eventFields(object),
};

function eventFields(object: KubeObject): Record<string, string> {
  const involved = (object.involvedObject ?? {}) as Record<string, string | undefined>;
  const source = (object.source ?? {}) as { component?: string };
  const fields: Record<string, string> = {
    reason: String(object.reason ?? ''),
    reportingComponent: String(object.reportingComponent ?? ''),
    source: source.component || String(object.reportingComponent ?? ''),
    type: String(object.type ?? ''),
  };
  for (const name of ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath']) fields[`involvedObject.${name}`] = involved[name] ?? '';
  return fields;
}
