import type { Pod } from '../../../kube/objects.ts';
import type { AdmissionRequest } from '../policy.ts';
import { isPodWrite } from './request.ts';

const lostNodeTaints = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];
const tolerationSeconds = 300;

/** A pod stays five minutes on a node that is lost, unless it says otherwise. */
export function admitTolerations(request: AdmissionRequest): void {
  if (!isPodWrite(request, 'CREATE', 'UPDATE')) return;
  const { spec } = request.object as Pod;
  const given = spec.tolerations ?? [];
  const tolerated = (taint: string): boolean => given.some(({ key, effect }) => (!key || key === taint) && (!effect || effect === 'NoExecute'));
  const added = lostNodeTaints.filter((taint) => !tolerated(taint)).map((key) => ({ key, operator: 'Exists' as const, effect: 'NoExecute', tolerationSeconds }));
  if (added.length > 0) spec.tolerations = [...given, ...added];
}
