import type { ApiColumn, ApiResource, ApiTables } from '../../../kube/api/tables.ts';
import type { KubeObject, Pod } from '../../../kube/objects.ts';
import { completedConditions } from './pod-row.ts';
import { rowOf } from './rows.ts';

export interface TableOptions {
  /** What each row carries of its object. */
  includeObject: 'Metadata' | 'Object' | 'None';
  /** Milliseconds since the epoch: ages are counted to it. */
  now: number;
  /** `meta.k8s.io/v1` or `v1beta1`. */
  apiVersion: string;
  /** False leaves the column heads out: in a watch only the first event needs them. */
  columns?: boolean;
}

/** A `meta.k8s.io` Table as `kubectl get` asks for. `metadata` is the list's, or of a single object its own resource version. */
export function toTable(tables: ApiTables, resource: Pick<ApiResource, 'group' | 'kind'>, items: readonly KubeObject[], metadata: object, options: TableOptions): object {
  const { includeObject, now, apiVersion, columns = true } = options;
  const rows = items.map((item) => ({ cells: rowOf(resource, item, now), ...conditionsOf(item), ...objectOf(item, includeObject, apiVersion) }));
  return { kind: 'Table', apiVersion, metadata, columnDefinitions: columns ? tables.columns(resource.group, resource.kind).map(columnDefinition) : [], rows };
}

/** Marks rows of finished pods, for clients that hide or grey them. */
function conditionsOf(item: KubeObject): { conditions?: object[] } {
  const conditions = item.kind === 'Pod' ? completedConditions(item as Pod) : undefined;
  return conditions ? { conditions } : {};
}

function objectOf(item: KubeObject, include: TableOptions['includeObject'], apiVersion: string): { object?: object } {
  if (include === 'None') return {};
  if (include === 'Object') return { object: item };
  return { object: { kind: 'PartialObjectMetadata', apiVersion, metadata: item.metadata } };
}

const descriptions: Record<string, string> = {
  Name: 'Name must be unique within a namespace.',
  Age: 'CreationTimestamp is a timestamp representing the server time when this object was created.',
};

function columnDefinition({ name, type, format, priority }: ApiColumn): object {
  return { name, type, format, description: descriptions[name] ?? name, priority };
}
