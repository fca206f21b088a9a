import type { FieldError } from './strategy.ts';

/** Go's %q for what we show: JSON text differs only in rare escapes. */
function shown(value: unknown): string {
  return value === undefined ? '""' : JSON.stringify(value);
}

const detailed = (text: string, detail: string): string => (detail === '' ? text : `${text}: ${detail}`);

export function required(field: string, detail = ''): FieldError {
  return { reason: 'FieldValueRequired', message: detailed('Required value', detail), field };
}

export function invalidValue(field: string, value: unknown, detail: string): FieldError {
  return { reason: 'FieldValueInvalid', message: detailed(`Invalid value: ${shown(value)}`, detail), field };
}

export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  return { reason: 'FieldValueNotSupported', message: `Unsupported value: ${shown(value)}: supported values: ${supported.map((item) => JSON.stringify(item)).join(', ')}`, field };
}

export function duplicate(field: string, value: unknown): FieldError {
  return { reason: 'FieldValueDuplicate', message: `Duplicate value: ${shown(value)}`, field };
}

export function forbiddenField(field: string, detail: string): FieldError {
  return { reason: 'FieldValueForbidden', message: detailed('Forbidden', detail), field };
}

export function tooLong(field: string, maxBytes: number): FieldError {
  return { reason: 'FieldValueTooLong', message: `Too long: may not be more than ${maxBytes} bytes`, field };
}

export function notFoundValue(field: string, value: unknown): FieldError {
  return { reason: 'FieldValueNotFound', message: `Not found: ${shown(value)}`, field };
}

/** One error for each message. */
export function invalidAll(field: string, value: unknown, messages: readonly string[]): FieldError[] {
  return messages.map((message) => invalidValue(field, value, message));
}

/** `Required value` when empty, `Unsupported value` when not in the list. */
export function oneOf(field: string, value: unknown, supported: readonly string[]): FieldError[] {
  if (value === undefined || value === '') return [required(field)];
  return supported.includes(value as string) ? [] : [notSupported(field, value, supported)];
}

export const immutableMessage = 'field is immutable';
