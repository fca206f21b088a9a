import type { ApiTables } from '../../kube/api/tables.ts';
import { type Clock, timestamp } from '../../lib/clock.ts';
import type { Random } from '../../lib/random.ts';
import { createAdmission } from './admission/admission.ts';
import { createAuthorizer } from './authorization/authorizer.ts';
import { strategyFor } from './kinds/index.ts';
import { admissionLookup, authorizationLookup, type ObjectLookup } from './lookup.ts';
import { applyPatch } from './patch/apply-patch.ts';
import { trackFields } from './patch/managed-fields.ts';
import { serverSideApply } from './patch/server-side-apply.ts';
import type { ApiPolicy } from './policy.ts';
import { decodeProtobuf } from './protobuf/decode-protobuf.ts';
import { checkFields } from './schema/check.ts';
import { toTable } from './tables/to-table.ts';

export interface ClusterPolicyOptions {
  tables: ApiTables;
  lookup: ObjectLookup;
  authorization: 'rbac' | 'alwaysAllow';
  /** The cluster's own blocks inside 127.0.0.0/8. */
  loopbackBlocks: readonly string[];
  random: Random;
  clock: Clock;
}

/** The rules of a cluster: those of the Kubernetes API's own tables and kinds. */
export function createClusterPolicy({ tables, lookup, authorization, loopbackBlocks, random, clock }: ClusterPolicyOptions): ApiPolicy {
  const authorizer = createAuthorizer({ mode: authorization, lookup: authorizationLookup(lookup) });
  return {
    strategyFor: (resource) => strategyFor(resource, { loopbackBlocks }),
    checkFields: (definition, object) => checkFields(tables, definition, object),
    admit: createAdmission({ lookup: admissionLookup(lookup), authorizer, random }),
    authorize: authorizer.authorize,
    accessRules: authorizer.accessRules,
    applyPatch: (patchType, definition, current, patch) => applyPatch(patchType, { tables, definition, current, patch }),
    apply: (request) => serverSideApply({ tables, time: timestamp(clock), ...request }),
    trackFields: (object, old, write) => trackFields(tables, object, old, { ...write, time: timestamp(clock) }),
    toTable: (resource, items, metadata, request) => toTable(tables, resource, items, metadata, request),
    decodeProtobuf: (bytes) => decodeProtobuf(tables, bytes),
  };
}
