import type { Deployment, KubeObject, PodTemplateSpec, ReplicaSet } from '../../../kube/objects.ts';
import { matchesLabels, selectorOf } from '../../../kube/selectors.ts';
import { deepEqual } from '../../../lib/json.ts';
import { forbiddenField, invalidAll, invalidValue, notSupported, required } from './field-errors.ts';
import { countGeneration, immutable, keepField, validateAnnotations, validateLabels } from './metadata.ts';
import { defaultPodSpec } from './pod-defaults.ts';
import { validatePodSpec } from './pod-validation.ts';
import type { KindRules } from './rules.ts';
import { isEmptySelector, validateLabelSelector } from './selector-validation.ts';
import type { FieldError, KindContext } from './strategy.ts';

type Workload = Deployment | ReplicaSet;
const nonNegative = 'must be greater than or equal to 0';

function prepareForCreate(object: KubeObject): void {
  object.metadata.generation = 1;
  object.status = object.kind === 'ReplicaSet' ? { replicas: 0 } : {};
}

function prepareForUpdate(object: KubeObject, old: KubeObject, { subresource }: KindContext): void {
  if (subresource === 'status') {
    keepField(object, old, 'spec');
    if (old.metadata.labels) object.metadata.labels = old.metadata.labels;
    else delete object.metadata.labels;
  } else keepField(object, old, 'status');
  // A deployment hands its annotations on to its replica sets: a change there is new work too.
  const annotated = object.kind === 'Deployment' && subresource !== 'status' && !deepEqual(object.metadata.annotations ?? {}, old.metadata.annotations ?? {});
  countGeneration(object, old, annotated || !deepEqual(object.spec, old.spec));
}

export const deploymentRules: KindRules = {
  hasStatus: true,
  defaultsSpec: true,
  default: (object) => {
    const { spec } = object as Deployment;
    spec.replicas ??= 1;
    spec.strategy ??= {};
    spec.strategy.type ??= 'RollingUpdate';
    if (spec.strategy.type === 'RollingUpdate') {
      spec.strategy.rollingUpdate ??= {};
      spec.strategy.rollingUpdate.maxUnavailable ??= '25%';
      spec.strategy.rollingUpdate.maxSurge ??= '25%';
    }
    spec.revisionHistoryLimit ??= 10;
    spec.progressDeadlineSeconds ??= 600;
    defaultTemplate(spec.template);
  },
  prepareForCreate,
  prepareForUpdate,
  validate: (object) => [...validateWorkload(object as Workload, 'deployment'), ...validateRollout(object as Deployment)],
  validateUpdate: (object, old) => immutable('spec.selector', (object as Workload).spec.selector, (old as Workload).spec.selector),
};

export const replicaSetRules: KindRules = {
  hasStatus: true,
  defaultsSpec: true,
  default: (object) => {
    const { spec } = object as ReplicaSet;
    spec.replicas ??= 1;
    if (spec.template) defaultTemplate(spec.template);
  },
  prepareForCreate,
  prepareForUpdate,
  validate: (object) => validateWorkload(object as Workload, 'replicaset'),
  validateUpdate: (object, old) => immutable('spec.selector', (object as Workload).spec.selector, (old as Workload).spec.selector),
};

function defaultTemplate(template: PodTemplateSpec | undefined): void {
  if (template?.spec) defaultPodSpec(template.spec);
}

function validateWorkload({ spec }: Workload, noun: string): FieldError[] {
  const errors: FieldError[] = [];
  if ((spec.replicas ?? 0) < 0) errors.push(invalidValue('spec.replicas', spec.replicas, nonNegative));
  if (!spec.selector) errors.push(required('spec.selector'));
  else {
    errors.push(...validateLabelSelector(spec.selector, 'spec.selector'));
    if (isEmptySelector(spec.selector)) errors.push(invalidValue('spec.selector', spec.selector, `empty selector is invalid for ${noun}`));
  }
  if ((spec.minReadySeconds ?? 0) < 0) errors.push(invalidValue('spec.minReadySeconds', spec.minReadySeconds, nonNegative));
  return [...errors, ...validateTemplate(spec)];
}

function validateTemplate({ selector, template }: Workload['spec']): FieldError[] {
  const at = 'spec.template';
  if (!template) return [required(at)];
  const labels = template.metadata?.labels ?? {};
  const errors: FieldError[] = [];
  if (selector && !isEmptySelector(selector) && !matchesLabels(selectorOf(selector), labels)) {
    errors.push(invalidValue(`${at}.metadata.labels`, labels, '`selector` does not match template `labels`'));
  }
  errors.push(...validateLabels(labels, `${at}.labels`), ...validateAnnotations(template.metadata?.annotations, `${at}.annotations`));
  errors.push(...validatePodSpec(template.spec ?? { containers: [] }, `${at}.spec`));
  const policy = template.spec?.restartPolicy;
  if (policy !== undefined && policy !== 'Always') errors.push(notSupported(`${at}.spec.restartPolicy`, policy, ['Always']));
  if (template.spec?.activeDeadlineSeconds !== undefined) {
    errors.push(forbiddenField(`${at}.spec.activeDeadlineSeconds`, 'activeDeadlineSeconds in ReplicaSet is not Supported'));
  }
  return errors;
}

function validateRollout({ spec }: Deployment): FieldError[] {
  const errors: FieldError[] = [];
  const at = 'spec.strategy';
  const { type, rollingUpdate } = spec.strategy ?? {};
  if (type === 'Recreate' && rollingUpdate) errors.push(forbiddenField(`${at}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'"));
  else if (type === 'RollingUpdate' && rollingUpdate) {
    errors.push(...countOrPercent(rollingUpdate.maxUnavailable, `${at}.rollingUpdate.maxUnavailable`), ...countOrPercent(rollingUpdate.maxSurge, `${at}.rollingUpdate.maxSurge`));
    if (isNone(rollingUpdate.maxUnavailable) && isNone(rollingUpdate.maxSurge)) {
      errors.push(invalidValue(`${at}.rollingUpdate.maxUnavailable`, rollingUpdate.maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
    }
    const percent = /^(\d+)%$/.exec(String(rollingUpdate.maxUnavailable))?.[1];
    if (percent !== undefined && Number(percent) > 100)
      errors.push(invalidValue(`${at}.rollingUpdate.maxUnavailable`, rollingUpdate.maxUnavailable, 'must not be greater than 100%'));
  } else if (type !== 'Recreate' && type !== 'RollingUpdate') errors.push(notSupported(`${at}.type`, type, ['Recreate', 'RollingUpdate']));
  const { minReadySeconds = 0, revisionHistoryLimit = 0, progressDeadlineSeconds } = spec;
  if (revisionHistoryLimit < 0) errors.push(invalidValue('spec.revisionHistoryLimit', revisionHistoryLimit, nonNegative));
  if (progressDeadlineSeconds !== undefined && progressDeadlineSeconds < 0) errors.push(invalidValue('spec.progressDeadlineSeconds', progressDeadlineSeconds, nonNegative));
  if (progressDeadlineSeconds !== undefined && progressDeadlineSeconds <= minReadySeconds) {
    errors.push(invalidValue('spec.progressDeadlineSeconds', progressDeadlineSeconds, 'must be greater than minReadySeconds'));
  }
  return errors;
}

function countOrPercent(value: number | string | undefined, field: string): FieldError[] {
  if (typeof value === 'string')
    return /^\d+%$/.test(value)
      ? []
      : invalidAll(field, value, ["a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"]);
  return (value ?? 0) < 0 ? [invalidValue(field, value, nonNegative)] : [];
}

function isNone(value: number | string | undefined): boolean {
  return value === 0 || value === '0%';
}
