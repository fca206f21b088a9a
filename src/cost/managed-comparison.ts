import type { PriceBook } from '../cloud/catalog.ts';
import type { InstanceGroup } from '../spec/types.ts';
import { type Estimate, isComplete, type PricedResource } from './estimate.ts';

/** The cluster beside the cloud's own Kubernetes with the same workers. USD a month. */
export interface ManagedComparison {
  /** `EKS` */
  name: string;
  /** What the control plane here costs: its machines, disks and the load balancer of its API. */
  ownControlPlane: number;
  managedControlPlane: number;
  /** Of a Kubernetes version that is past its standard support. */
  extendedControlPlane: number;
  own: number;
  managed: number;
}

/** Undefined where the book knows no such service, or not all prices. */
export function compareWithManaged(estimate: Estimate, groups: readonly InstanceGroup[], book: PriceBook): ManagedComparison | undefined {
  const { managedControlPlane } = book;
  if (!managedControlPlane || !isComplete(estimate.resources)) return undefined;
  const controlPlanes = new Set(groups.filter(({ spec }) => spec.role === 'Master' || spec.role === 'APIServer').map((group) => group.metadata.name));
  const part = estimate.resources.filter((resource) => controlPlanes.has(resource.instanceGroup ?? '') || servesApi(resource));
  const ownControlPlane = part.reduce((sum, resource) => sum + resource.monthly.desired, 0);
  const month = managedControlPlane.hour * book.hoursPerMonth;
  const own = estimate.total.desired;
  return {
    name: managedControlPlane.name,
    ownControlPlane,
    managedControlPlane: month,
    extendedControlPlane: managedControlPlane.extendedHour * book.hoursPerMonth,
    own,
    managed: own - ownControlPlane + month,
  };
}

/** kops' names: `api.demo.example.com`. */
function servesApi({ name, instanceGroup }: PricedResource): boolean {
  return instanceGroup === undefined && /^api[.-]/.test(name);
}
