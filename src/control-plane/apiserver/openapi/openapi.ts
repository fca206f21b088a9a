import { createHash } from 'node:crypto';
import type { ApiTables } from '../../../kube/api/tables.ts';
import { PathBuilder } from './paths.ts';
import { schemasOf } from './schemas.ts';

export interface OpenApiText {
  /** JSON. */
  bytes: Uint8Array;
  /** Of the bytes, upper-case hex: the URL of the document carries it, so that clients may keep it for ever. */
  hash: string;
}

const texts = new WeakMap<ApiTables, Map<string, OpenApiText>>();

/** Answer of `/openapi/v3`: where the document of each group version is. */
export function openApiIndex(tables: ApiTables): object {
  const paths: Record<string, object> = {};
  for (const key of documentKeys(tables)) paths[key] = { serverRelativeURL: `/openapi/v3/${key}?hash=${openApiText(tables, key)?.hash}` };
  return { paths };
}

function documentKeys(tables: ApiTables): string[] {
  return tables.groups.flatMap(({ group, versions }) => versions.map((version) => (group === '' ? `api/${version}` : `apis/${group}/${version}`)));
}

/** The document of `api/v1` or `apis/<group>/<version>` as it goes out, made once; undefined when it is not served. */
export function openApiText(tables: ApiTables, key: string): OpenApiText | undefined {
  const known = texts.get(tables) ?? new Map<string, OpenApiText>();
  texts.set(tables, known);
  const cached = known.get(key);
  if (cached) return cached;
  const document = openApiDocument(tables, key);
  if (!document) return undefined;
  const bytes = Buffer.from(JSON.stringify(document));
  const text = { bytes, hash: createHash('sha512').update(bytes).digest('hex').toUpperCase() };
  known.set(key, text);
  return text;
}

/** OpenAPI 3.0 of one group version: what kubectl needs to validate, apply, edit and explain. */
export function openApiDocument(tables: ApiTables, key: string): object | undefined {
  if (!documentKeys(tables).includes(key)) return undefined;
  const parts = key.split('/');
  const [group, version] = parts[0] === 'api' ? ['', parts[1] ?? ''] : [parts[1] ?? '', parts[2] ?? ''];
  const builder = new PathBuilder(tables, `/${key}`);
  for (const resource of tables.resources.values()) if (resource.group === group && resource.version === version) builder.add(resource);
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: tables.version },
    paths: builder.paths,
    components: { schemas: schemasOf(tables, builder.definitions, { group, version }) },
  };
}
