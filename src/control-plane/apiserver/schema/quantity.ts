import { formatQuantity, parseQuantity } from '../../../kube/quantity.ts';

/** Amount in billionths (`500m` → 500000000n), or undefined when it is no quantity. */
export function quantityNanos(value: unknown): bigint | undefined {
  return parseQuantity(String(value))?.nano;
}

/** Kubernetes' canonical form: `0.5` → `500m`, `1024Mi` → `1Gi`, 1000 → `1k`. Undefined when it is no quantity. */
export function canonicalQuantity(value: unknown): string | undefined {
  const quantity = parseQuantity(String(value));
  return quantity && formatQuantity(quantity);
}
