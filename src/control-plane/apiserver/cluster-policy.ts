import type { ApiTables } from '../../kube/api/tables.ts';
import { StatusError } from '../../kube/status.ts';
import { type StrategyOptions, strategyFor } from './kinds/index.ts';
import { applyPatch } from './patch/apply-patch.ts';
import type { ApiPolicy } from './policy.ts';
import { checkFields } from './schema/check.ts';
import { toTable } from './tables/to-table.ts';

/** The rules of a cluster: those of the Kubernetes API's own tables and kinds. */
export function createClusterPolicy(tables: ApiTables, options: StrategyOptions): ApiPolicy {
  return {
    strategyFor: (resource) => strategyFor(resource, options),
    checkFields: (definition, object) => checkFields(tables, definition, object),
    admit: async () => {},
    authorize: () => ({ allowed: true, reason: '' }),
    accessRules: () => ({ resourceRules: [], nonResourceRules: [], incomplete: false }),
    applyPatch: (patchType, definition, current, patch) => applyPatch(patchType, { tables, definition, current, patch }),
    apply: () => {
      throw new StatusError('UnsupportedMediaType', 'server-side apply is not supported');
    },
    trackFields: () => {},
    toTable: (resource, items, metadata, request) => toTable(tables, resource, items, metadata, request),
    decodeProtobuf: () => {
      throw new StatusError('UnsupportedMediaType', 'protobuf is not supported');
    },
  };
}
