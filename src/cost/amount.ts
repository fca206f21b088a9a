/** USD a month at the smallest, the current and the largest size of what scales. `desired` is the size of now, or the first one. */
export interface Amount {
  min: number;
  desired: number;
  max: number;
}

export const nothing: Amount = { min: 0, desired: 0, max: 0 };

export function addAmounts(a: Amount, b: Amount): Amount {
  return { min: a.min + b.min, desired: a.desired + b.desired, max: a.max + b.max };
}

export function subtractAmounts(a: Amount, b: Amount): Amount {
  return { min: a.min - b.min, desired: a.desired - b.desired, max: a.max - b.max };
}

export function scaleAmount({ min, desired, max }: Amount, factor: number): Amount {
  return { min: min * factor, desired: desired * factor, max: max * factor };
}

export function sumAmounts(amounts: readonly Amount[]): Amount {
  return amounts.reduce(addAmounts, nothing);
}
