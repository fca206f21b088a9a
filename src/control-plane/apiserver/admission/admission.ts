import type { KubeObject, Namespace, Pod } from '../../../kube/objects.ts';
import type { Random } from '../../../lib/random.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import type { RoleObject } from '../kinds/rbac-kinds.ts';
import type { AdmissionRequest } from '../policy.ts';
import { admitTolerations } from './default-toleration-seconds.ts';
import { admitNamespace } from './namespace-lifecycle.ts';
import { restrictNode } from './node-restriction.ts';
import { admitPriority } from './priority.ts';
import { checkEscalation } from './rbac-escalation.ts';
import { admitServiceAccount } from './service-account.ts';

/** The objects that admission looks at, as they are now. */
export interface AdmissionLookup {
  namespace(name: string): Namespace | undefined;
  pod(namespace: string, name: string): Pod | undefined;
  serviceAccount(namespace: string, name: string): KubeObject | undefined;
  priorityClasses(): Iterable<KubeObject>;
  clusterRole(name: string): RoleObject | undefined;
  clusterRoles(): Iterable<RoleObject>;
  role(namespace: string, name: string): RoleObject | undefined;
}

export interface AdmissionOptions {
  lookup: AdmissionLookup;
  authorizer: Authorizer;
  random: Random;
}

type Plugin = (request: AdmissionRequest, options: AdmissionOptions) => void;

/** In Kubernetes' order: what changes the object comes before what only judges it. */
const plugins: Plugin[] = [admitNamespace, admitServiceAccount, admitPriority, admitTolerations, restrictNode, checkEscalation];

/** Kubernetes' own admission plugins: the result changes `request.object` or throws StatusError. */
export function createAdmission(options: AdmissionOptions): (request: AdmissionRequest) => Promise<void> {
  return async (request) => {
    for (const plugin of plugins) plugin(request, options);
  };
}
