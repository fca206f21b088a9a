import type { LabelSelector } from '../../../kube/objects.ts';
import { forbiddenField, invalidAll, invalidValue, required } from './field-errors.ts';
import { labelValue, qualifiedName } from './names.ts';
import { validateLabelSelector } from './selector-validation.ts';
import type { FieldError } from './strategy.ts';

interface NodeRequirement {
  key: string;
  operator: string;
  values?: string[];
}

interface NodeTerm {
  matchExpressions?: NodeRequirement[];
  matchFields?: NodeRequirement[];
}

interface PodTerm {
  topologyKey?: string;
  labelSelector?: LabelSelector;
  namespaces?: string[];
}

interface Weighted {
  weight: number;
}

interface PodAffinity {
  requiredDuringSchedulingIgnoredDuringExecution?: PodTerm[];
  preferredDuringSchedulingIgnoredDuringExecution?: (Weighted & { podAffinityTerm: PodTerm })[];
}

interface Affinity {
  nodeAffinity?: {
    requiredDuringSchedulingIgnoredDuringExecution?: { nodeSelectorTerms?: NodeTerm[] };
    preferredDuringSchedulingIgnoredDuringExecution?: (Weighted & { preference: NodeTerm })[];
  };
  podAffinity?: PodAffinity;
  podAntiAffinity?: PodAffinity;
}

const must = 'requiredDuringSchedulingIgnoredDuringExecution';
const may = 'preferredDuringSchedulingIgnoredDuringExecution';

export function validateAffinity(affinity: Record<string, unknown> | undefined, at: string): FieldError[] {
  const { nodeAffinity, podAffinity, podAntiAffinity } = (affinity ?? {}) as Affinity;
  return [
    ...validateNodeAffinity(nodeAffinity, `${at}.nodeAffinity`),
    ...validatePodAffinity(podAffinity, `${at}.podAffinity`),
    ...validatePodAffinity(podAntiAffinity, `${at}.podAntiAffinity`),
  ];
}

function validateNodeAffinity(affinity: Affinity['nodeAffinity'], at: string): FieldError[] {
  const wanted = affinity?.[must];
  const errors: FieldError[] = [];
  const terms = wanted?.nodeSelectorTerms ?? [];
  if (wanted && terms.length === 0) errors.push(required(`${at}.${must}.nodeSelectorTerms`, 'must have at least one node selector term'));
  for (const [index, term] of terms.entries()) errors.push(...validateNodeTerm(term, `${at}.${must}.nodeSelectorTerms[${index}]`));
  for (const [index, { weight, preference }] of (affinity?.[may] ?? []).entries()) {
    errors.push(...validateWeight(weight, `${at}.${may}[${index}].weight`), ...validateNodeTerm(preference, `${at}.${may}[${index}].preference`));
  }
  return errors;
}

function validateNodeTerm({ matchExpressions = [], matchFields = [] }: NodeTerm, at: string): FieldError[] {
  const byLabel = matchExpressions.flatMap((requirement, index) => {
    const field = `${at}.matchExpressions[${index}]`;
    const values = (requirement.values ?? []).flatMap((value, place) => invalidAll(`${field}.values[${place}]`, value, labelValue(value)));
    return [...validateRequirement(requirement, field), ...invalidAll(`${field}.key`, requirement.key, qualifiedName(requirement.key)), ...values];
  });
  const byField = matchFields.flatMap((requirement, index) => {
    const field = `${at}.matchFields[${index}]`;
    return requirement.key === 'metadata.name' ? validateRequirement(requirement, field) : [invalidValue(`${field}.key`, requirement.key, 'not a valid field selector key')];
  });
  return [...byLabel, ...byField];
}

function validateRequirement({ operator, values = [] }: NodeRequirement, field: string): FieldError[] {
  const count = values.length;
  switch (operator) {
    case 'In':
    case 'NotIn':
      return count > 0 ? [] : [required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'")];
    case 'Exists':
    case 'DoesNotExist':
      return count === 0 ? [] : [forbiddenField(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
    case 'Gt':
    case 'Lt':
      return count === 1 ? [] : [required(`${field}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'")];
    default:
      return [invalidValue(`${field}.operator`, operator, 'not a valid selector operator')];
  }
}

function validateWeight(weight: number, field: string): FieldError[] {
  return weight >= 1 && weight <= 100 ? [] : [invalidValue(field, weight, 'must be in the range 1-100')];
}

function validatePodAffinity(affinity: PodAffinity | undefined, at: string): FieldError[] {
  const wanted = (affinity?.[must] ?? []).flatMap((term, index) => validatePodTerm(term, `${at}.${must}[${index}]`));
  const preferred = (affinity?.[may] ?? []).flatMap(({ weight, podAffinityTerm }, index) => {
    const field = `${at}.${may}[${index}]`;
    return [...validateWeight(weight, `${field}.weight`), ...validatePodTerm(podAffinityTerm, `${field}.podAffinityTerm`)];
  });
  return [...wanted, ...preferred];
}

function validatePodTerm({ topologyKey, labelSelector }: PodTerm, at: string): FieldError[] {
  const errors = validateLabelSelector(labelSelector, `${at}.labelSelector`);
  if (!topologyKey) return [...errors, required(`${at}.topologyKey`, 'can not be empty')];
  return [...errors, ...invalidAll(`${at}.topologyKey`, topologyKey, qualifiedName(topologyKey))];
}
