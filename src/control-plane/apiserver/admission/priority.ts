import type { KubeObject, Pod } from '../../../kube/objects.ts';
import type { AdmissionRequest } from '../policy.ts';
import type { AdmissionOptions } from './admission.ts';
import { denied, isPodWrite } from './request.ts';

/** Turns a pod's priority class into its number; only one class may be the default. */
export function admitPriority(request: AdmissionRequest, { lookup }: AdmissionOptions): void {
  const classes = (): KubeObject[] => [...lookup.priorityClasses()];
  if (isPodWrite(request, 'CREATE')) setPriority(request, classes());
  const { resource, operation, object } = request;
  if (resource.resource !== 'priorityclasses' || operation === 'DELETE' || object?.globalDefault !== true) return;
  const other = classes().find(({ globalDefault, metadata }) => globalDefault === true && metadata.name !== object.metadata.name);
  if (other) throw denied(request, `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`);
}

function setPriority(request: AdmissionRequest, classes: readonly KubeObject[]): void {
  const { spec } = request.object as Pod;
  const name = spec.priorityClassName;
  const chosen = name ? classes.find(({ metadata }) => metadata.name === name) : lowestDefault(classes);
  if (name && !chosen) throw denied(request, `no PriorityClass with name ${name} was found`);
  const priority = Number(chosen?.value ?? 0);
  if (spec.priority !== undefined && spec.priority !== priority) {
    throw denied(
      request,
      `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${priority} from the given PriorityClass name`,
    );
  }
  const policy = String(chosen?.preemptionPolicy ?? 'PreemptLowerPriority');
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy) {
    throw denied(
      request,
      `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`,
    );
  }
  spec.priority = priority;
  spec.preemptionPolicy = policy;
  if (chosen) spec.priorityClassName = chosen.metadata.name;
}

function lowestDefault(classes: readonly KubeObject[]): KubeObject | undefined {
  return classes.filter(({ globalDefault }) => globalDefault === true).sort((a, b) => Number(a.value) - Number(b.value))[0];
}
