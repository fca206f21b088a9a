import type { LabelSelector } from '../../../kube/objects.ts';
import { forbiddenField, invalidAll, notSupported, required } from './field-errors.ts';
import { validateLabels } from './metadata.ts';
import { labelValue, qualifiedName } from './names.ts';
import type { FieldError } from './strategy.ts';

export function validateLabelSelector(selector: LabelSelector | undefined, at: string): FieldError[] {
  if (!selector) return [];
  const errors = validateLabels(selector.matchLabels, `${at}.matchLabels`);
  for (const [index, requirement] of (selector.matchExpressions ?? []).entries()) {
    const field = `${at}.matchExpressions[${index}]`;
    const count = requirement.values?.length ?? 0;
    if (requirement.operator === 'In' || requirement.operator === 'NotIn') {
      if (count === 0) errors.push(required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
    } else if (requirement.operator === 'Exists' || requirement.operator === 'DoesNotExist') {
      if (count > 0) errors.push(forbiddenField(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
    } else errors.push(notSupported(`${field}.operator`, requirement.operator, ['DoesNotExist', 'Exists', 'In', 'NotIn']));
    errors.push(...invalidAll(`${field}.key`, requirement.key, qualifiedName(requirement.key)));
    for (const [at2, value] of (requirement.values ?? []).entries()) errors.push(...invalidAll(`${field}.values[${at2}]`, value, labelValue(value)));
  }
  return errors;
}

export function isEmptySelector(selector: LabelSelector | undefined): boolean {
  return !selector || (Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions?.length ?? 0) === 0);
}
