import type { KubeObject, Pod } from '../../../kube/objects.ts';
import { deepEqual } from '../../../lib/json.ts';
import { countGeneration, keepField } from './metadata.ts';
import { defaultPod } from './pod-defaults.ts';
import { qosClassOf } from './pod-qos.ts';
import { validatePodSpec, validatePodUpdate } from './pod-validation.ts';
import type { KindRules } from './rules.ts';

const gatedCondition = {
  type: 'PodScheduled',
  status: 'False',
  reason: 'SchedulingGated',
  message: 'Scheduling is blocked due to non-empty scheduling gates',
} as const;

export const podRules: KindRules = {
  hasStatus: true,
  default: (object) => defaultPod((object as Pod).spec),
  defaultsSpec: true,
  prepareForCreate: (object) => {
    const pod = object as Pod;
    pod.metadata.generation = 1;
    pod.status = { phase: 'Pending', qosClass: qosClassOf(pod) };
    if (pod.spec.schedulingGates?.length) pod.status.conditions = [{ ...gatedCondition }];
  },
  prepareForUpdate: (object, old, { subresource }) => {
    const pod = object as Pod;
    const before = old as Pod;
    if (subresource === 'status') {
      keepField(pod, before, 'spec');
      if (before.metadata.ownerReferences) pod.metadata.ownerReferences = before.metadata.ownerReferences;
      else delete pod.metadata.ownerReferences;
    } else if (subresource !== 'binding') keepField(pod, before, 'status');
    if (before.status?.qosClass) pod.status = { ...pod.status, qosClass: before.status.qosClass };
    // Only the first gate's removal changes what the condition says.
    if (before.spec.schedulingGates?.length && !pod.spec.schedulingGates?.length) {
      pod.status = { ...pod.status, conditions: pod.status?.conditions?.filter((condition) => !deepEqual(condition.reason, gatedCondition.reason)) ?? [] };
    }
    countGeneration(pod, before, subresource !== 'binding' && !deepEqual(pod.spec, before.spec));
  },
  validate: (object) => validatePodSpec((object as Pod).spec, 'spec'),
  validateUpdate: (object, old) => validatePodUpdate(object as Pod, old as Pod),
  graceSeconds: (object, requested) => podGraceSeconds(object as Pod, requested),
  selectableFields: (object) => podFields(object),
};

/** A pod that no kubelet runs, or that is over, has nothing to wait for. */
function podGraceSeconds(pod: Pod, requested: number | undefined): number {
  if (!pod.spec.nodeName || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') return 0;
  const seconds = requested ?? pod.spec.terminationGracePeriodSeconds ?? 0;
  return seconds < 0 ? 1 : seconds;
}

function podFields(object: KubeObject): Record<string, string> {
  const { spec, status } = object as Pod;
  return {
    'spec.nodeName': spec.nodeName ?? '',
    'spec.restartPolicy': spec.restartPolicy ?? '',
    'spec.schedulerName': spec.schedulerName ?? '',
    'spec.serviceAccountName': spec.serviceAccountName ?? '',
    'spec.hostNetwork': String(spec.hostNetwork ?? false),
    'status.phase': status?.phase ?? '',
    'status.podIP': status?.podIP ?? '',
    'status.podIPs': status?.podIPs?.[0]?.ip ?? status?.podIP ?? '',
    'status.nominatedNodeName': status?.nominatedNodeName ?? '',
  };
}
