import type { Amount } from '../amount.ts';

/** `$30.37`, `-$4.00`, `$0`. */
export function dollars(value: number): string {
  if (Math.abs(value) < 0.005) return '$0';
  return `${value < 0 ? '-' : ''}$${Math.abs(value).toFixed(2)}`;
}

/** What is known, and a sign that there is more: `$30.37 + ?`, `?`. */
export function atLeast(text: string, { isZero, complete }: { isZero: boolean; complete: boolean }): string {
  return complete ? text : isZero ? '?' : `${text} + ?`;
}

/** `+$30.37`, `-$4.00`, `$0`. */
export function difference(value: number): string {
  return value >= 0.005 ? `+${dollars(value)}` : dollars(value);
}

/** `$0.0416`: of an hour, or of a unit. */
export function unitPrice(value: number): string {
  return value === 0 ? '$0' : `$${Number(value.toFixed(6))}`;
}

export function hourly(monthly: number, hoursPerMonth: number): string {
  return monthly === 0 ? '$0' : `$${(monthly / hoursPerMonth).toFixed(4)}`;
}

/** Whether the size of something may change what it costs. */
export function varies({ min, desired, max }: Amount): boolean {
  return min !== max || min !== desired;
}

/** Amounts that are read by people: always two places. */
export function cents(value: number): string {
  return (Number(value.toFixed(2)) + 0).toFixed(2);
}

export function decimal(value: number, places: number): string {
  return String(Number(value.toFixed(places)) + 0);
}
