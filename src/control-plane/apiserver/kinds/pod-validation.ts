import type { Pod, PodSpec, Toleration } from '../../../kube/objects.ts';
import { deepClone, deepEqual } from '../../../lib/json.ts';
import { validateAffinity } from './affinity-validation.ts';
import { validateContainers } from './container-validation.ts';
import { duplicate, forbiddenField, invalidAll, invalidValue, notSupported, oneOf, required } from './field-errors.ts';
import { validateLabels } from './metadata.ts';
import { dnsLabel, dnsSubdomain, qualifiedName } from './names.ts';
import { validateLabelSelector } from './selector-validation.ts';
import type { FieldError } from './strategy.ts';
import { validateVolumes } from './volume-validation.ts';

const restartPolicies = ['Always', 'Never', 'OnFailure'];
const dnsPolicies = ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'];
const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

export function validatePodSpec(spec: PodSpec, at: string): FieldError[] {
  const { errors, names } = validateVolumes(spec, `${at}.volumes`);
  const seen = new Set<string>();
  if (!spec.containers?.length) errors.push(required(`${at}.containers`));
  errors.push(...validateContainers(spec.containers, `${at}.containers`, names, seen));
  errors.push(...validateContainers(spec.initContainers, `${at}.initContainers`, names, seen));
  errors.push(...oneOf(`${at}.restartPolicy`, spec.restartPolicy, restartPolicies), ...oneOf(`${at}.dnsPolicy`, spec.dnsPolicy, dnsPolicies));
  errors.push(...validateLabels(spec.nodeSelector, `${at}.nodeSelector`), ...validateTolerations(spec.tolerations, `${at}.tolerations`));
  for (const name of ['serviceAccountName', 'nodeName', 'priorityClassName'] as const) {
    if (spec[name]) errors.push(...invalidAll(`${at}.${name}`, spec[name], dnsSubdomain(spec[name])));
  }
  for (const name of ['hostname', 'subdomain'] as const) if (spec[name]) errors.push(...invalidAll(`${at}.${name}`, spec[name], dnsLabel(spec[name])));
  const grace = spec.terminationGracePeriodSeconds;
  if (grace === undefined) errors.push(required(`${at}.terminationGracePeriodSeconds`));
  const deadline = spec.activeDeadlineSeconds;
  if (deadline !== undefined && (deadline < 1 || deadline > 2147483647))
    errors.push(invalidValue(`${at}.activeDeadlineSeconds`, deadline, 'must be between 1 and 2147483647, inclusive'));
  errors.push(...validateAffinity(spec.affinity, `${at}.affinity`), ...validateHostPorts(spec, at), ...validateSpread(spec, `${at}.topologySpreadConstraints`));
  return errors;
}

function validateTolerations(tolerations: readonly Toleration[] | undefined, at: string): FieldError[] {
  return (tolerations ?? []).flatMap((toleration, index) => {
    const field = `${at}[${index}]`;
    const errors: FieldError[] = [];
    const operator = toleration.operator ?? 'Equal';
    if (toleration.key) errors.push(...invalidAll(`${field}.key`, toleration.key, qualifiedName(toleration.key)));
    else if (operator !== 'Exists')
      errors.push(invalidValue(`${field}.operator`, toleration.operator ?? '', 'operator must be Exists when `key` is empty, which means "match all values and all keys"'));
    if (toleration.tolerationSeconds !== undefined && toleration.effect !== 'NoExecute') {
      errors.push(invalidValue(`${field}.effect`, toleration.effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"));
    }
    if (operator === 'Exists' && toleration.value) errors.push(invalidValue(`${field}.operator`, toleration.value, "value must be empty when `operator` is 'Exists'"));
    if (!['Exists', 'Equal'].includes(operator)) errors.push(notSupported(`${field}.operator`, operator, ['Equal', 'Exists']));
    if (toleration.effect && !effects.includes(toleration.effect)) errors.push(notSupported(`${field}.effect`, toleration.effect, effects));
    return errors;
  });
}

function validateHostPorts(spec: PodSpec, at: string): FieldError[] {
  const taken = new Set<string>();
  return (spec.containers ?? []).flatMap((container, index) =>
    (container.ports ?? []).flatMap((port, portIndex) => {
      const field = `${at}.containers[${index}].ports[${portIndex}]`;
      if (spec.hostNetwork && port.hostPort !== port.containerPort)
        return [invalidValue(`${field}.hostPort`, port.hostPort ?? 0, 'must match `containerPort` when `hostNetwork` is true')];
      if (!port.hostPort) return [];
      const key = `${port.protocol}/${port.hostPort}`;
      if (taken.has(key)) return [duplicate(`${field}.hostPort`, `${port.protocol}//${port.hostPort}`)];
      taken.add(key);
      return [];
    }),
  );
}

function validateSpread(spec: PodSpec, at: string): FieldError[] {
  return (spec.topologySpreadConstraints ?? []).flatMap((constraint, index) => {
    const field = `${at}[${index}]`;
    const errors: FieldError[] = [];
    if (!(constraint.maxSkew > 0)) errors.push(invalidValue(`${field}.maxSkew`, constraint.maxSkew ?? 0, 'must be greater than zero'));
    if (!constraint.topologyKey) errors.push(required(`${field}.topologyKey`, 'can not be empty'));
    if (!['DoNotSchedule', 'ScheduleAnyway'].includes(constraint.whenUnsatisfiable)) {
      errors.push(notSupported(`${field}.whenUnsatisfiable`, constraint.whenUnsatisfiable, ['DoNotSchedule', 'ScheduleAnyway']));
    }
    return [...errors, ...validateLabelSelector(constraint.labelSelector, `${field}.labelSelector`)];
  });
}

/** Only images, the deadline, added tolerations, removed scheduling gates may change on a pod. */
export function validatePodUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors: FieldError[] = [];
  if (pod.spec.containers?.length !== old.spec.containers?.length) return [forbiddenField('spec.containers', 'pod updates may not add or remove containers')];
  if ((pod.spec.initContainers?.length ?? 0) !== (old.spec.initContainers?.length ?? 0))
    return [forbiddenField('spec.initContainers', 'pod updates may not add or remove containers')];
  const kept = old.spec.tolerations ?? [];
  const tolerations = pod.spec.tolerations ?? [];
  if (!kept.every((toleration) => tolerations.some((other) => deepEqual(withoutSeconds(toleration), withoutSeconds(other))))) {
    errors.push(forbiddenField('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds'));
  }
  const gates = (old.spec.schedulingGates ?? []).map(({ name }) => name);
  const added = (pod.spec.schedulingGates ?? []).filter(({ name }) => !gates.includes(name));
  if (added.length > 0) errors.push(forbiddenField('spec.schedulingGates', 'only deletion is allowed, but found new scheduling gate(s)'));
  errors.push(...validateDeadline(pod.spec.activeDeadlineSeconds, old.spec.activeDeadlineSeconds));
  const changeable = deepClone(pod.spec);
  takeChangeable(changeable, old.spec, gates.length > 0);
  if (!deepEqual(changeable, old.spec)) {
    errors.push(forbiddenField('spec', `pod updates may not change fields other than ${changeableFields}\n${specDifference(changeable, old.spec)}`));
  }
  return errors;
}

/** A deadline may come, and come nearer. */
function validateDeadline(deadline: number | undefined, before: number | undefined): FieldError[] {
  const field = 'spec.activeDeadlineSeconds';
  if (before === undefined) return [];
  if (deadline === undefined) return [invalidValue(field, null, 'must not update from a positive integer to nil value')];
  return deadline > before ? [invalidValue(field, deadline, 'must be less than or equal to previous value')] : [];
}

const changeableFields =
  '`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

function withoutSeconds({ tolerationSeconds: _, ...rest }: Toleration): object {
  return rest;
}

/** Makes the fields that may differ equal, so that what is left must be equal. */
function takeChangeable(spec: PodSpec, old: PodSpec, gated: boolean): void {
  for (const kind of ['containers', 'initContainers'] as const) {
    for (const [index, container] of (spec[kind] ?? []).entries()) {
      const before = old[kind]?.[index];
      if (before?.image !== undefined) container.image = before.image;
    }
  }
  const fields = ['activeDeadlineSeconds', 'tolerations', 'schedulingGates', ...(gated ? ['nodeSelector', 'affinity'] : [])];
  for (const field of fields) {
    if (old[field] === undefined) delete spec[field];
    else spec[field] = old[field];
  }
}

/** The first fields that differ, `-` new and `+` old as Kubernetes prints them. */
function specDifference(spec: PodSpec, old: PodSpec): string {
  const lines = ['  core.PodSpec{'];
  for (const key of new Set([...Object.keys(spec), ...Object.keys(old)])) {
    if (deepEqual(spec[key], old[key])) continue;
    lines.push(`- \t${key}: ${JSON.stringify(spec[key]) ?? 'nil'},`, `+ \t${key}: ${JSON.stringify(old[key]) ?? 'nil'},`);
  }
  return [...lines, '  }', ''].join('\n');
}
