import type { Taint, Toleration } from './objects.ts';

export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  return toleration.operator === 'Exists' || (toleration.key !== undefined && (toleration.value ?? '') === (taint.value ?? ''));
}

/** The first taint of these effects that no toleration covers. */
export function untolerated(taints: readonly Taint[], tolerations: readonly Toleration[] | undefined, ...effects: Taint['effect'][]): Taint | undefined {
  return taints.find((taint) => effects.includes(taint.effect) && !tolerations?.some((toleration) => tolerates(toleration, taint)));
}
