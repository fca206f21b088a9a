import type { ApiResource } from '../../kube/api/tables.ts';
import type { PatchType } from '../../kube/client.ts';
import type { KubeObject } from '../../kube/objects.ts';
import type { UserInfo } from '../../kube/request.ts';
import type { StatusCause } from '../../kube/status.ts';
import type { KindStrategy } from './kinds/strategy.ts';

export interface AdmissionRequest {
  operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  resource: ApiResource;
  subresource: string | undefined;
  namespace: string | undefined;
  name: string;
  object: KubeObject | undefined;
  old: KubeObject | undefined;
  user: UserInfo;
  dryRun: boolean;
}

export interface AuthorizationAttributes {
  user: UserInfo;
  verb: string;
  group: string;
  resource: string;
  subresource: string | undefined;
  namespace: string | undefined;
  name: string | undefined;
  /** Set for URLs that are no resource's; then the fields above are empty. */
  path?: string;
}

export interface TableRequest {
  includeObject: 'Metadata' | 'Object' | 'None';
  apiVersion: string;
  now: number;
}

export interface ApplyRequest {
  definition: string;
  current: KubeObject | undefined;
  patch: KubeObject;
  manager: string;
  force: boolean;
  subresource: string | undefined;
}

export interface ManagedWrite {
  manager: string;
  operation: 'Update' | 'Apply';
  subresource: string | undefined;
}

/** The rules of the Kubernetes API over plain data, behind which the request path, the storage and the sockets know no kind. */
export interface ApiPolicy {
  strategyFor(resource: ApiResource): KindStrategy;
  /** Unknown fields in words (`unknown field "spec.x"`) and values of a wrong type. */
  checkFields(definition: string, object: KubeObject): { unknown: string[]; invalid: Required<StatusCause>[] };
  /** Admission: may change `object`. Throws StatusError. */
  admit(request: AdmissionRequest): Promise<void>;
  authorize(attributes: AuthorizationAttributes): { allowed: boolean; reason: string };
  /** `{resourceRules, nonResourceRules, incomplete}` of a SelfSubjectRulesReview. */
  accessRules(user: UserInfo, namespace: string): object;
  applyPatch(patchType: PatchType, definition: string, current: KubeObject, patch: unknown): KubeObject;
  /** Server-side apply. Throws StatusError Conflict naming the other managers. */
  apply(request: ApplyRequest): KubeObject;
  trackFields(object: KubeObject, old: KubeObject | undefined, write: ManagedWrite): void;
  toTable(resource: ApiResource, items: readonly KubeObject[], metadata: object, request: TableRequest): object;
  decodeProtobuf(bytes: Uint8Array): { apiVersion: string; kind: string; object: KubeObject };
}
