import { readFileSync } from 'node:fs';
import type { Definition, FieldType, RawDefinition } from './definition.ts';
import { parseDefinition, parseFieldType } from './definition.ts';
import { servedResources } from './served.ts';

/** Facts of the Kubernetes API as this server serves it; see README of the data in the JSON files beside. */
export interface ApiTables {
  /** Kubernetes version of the tables: `v1.36.3`. */
  version: string;
  /** Served groups with at least one served resource, core (`''`) first, in discovery order. */
  groups: readonly ApiGroup[];
  /** Served resources by `group/version/plural`, core by `v1/pods`; in discovery order. */
  resources: ReadonlyMap<string, ApiResource>;
  resource(group: string, version: string, plural: string): ApiResource | undefined;
  resourceOfKind(group: string, version: string, kind: string): ApiResource | undefined;
  /** A schema by its short name: `core.v1.Pod`. */
  schema(name: string): Definition | undefined;
  schemaNames(): readonly string[];
  /** The short name of a kind's schema; undefined when the API has no such kind. */
  definitionOf(group: string, version: string, kind: string): string | undefined;
  /** `core.v1.Pod` → `io.k8s.api.core.v1.Pod`. */
  openApiName(name: string): string;
  columns(group: string, kind: string): readonly ApiColumn[];
  /** Query parameters by `verb:list` or `sub:pods/log`: name → JSON type. */
  parameters(key: string): Readonly<Record<string, string>>;
  /** Follows aliases and references: what a value of this type looks like. */
  resolve(type: FieldType): { type: FieldType; definition?: Definition };
  /** Protobuf messages; parsed on first use. */
  protobuf(): ProtobufTables;
}

export interface ApiGroup {
  group: string;
  /** Served versions, the preferred one first. */
  versions: readonly string[];
}

export interface ApiResource {
  group: string;
  version: string;
  /** Plural. */
  resource: string;
  kind: string;
  singular: string;
  namespaced: boolean;
  verbs: readonly string[];
  shortNames: readonly string[];
  categories: readonly string[];
  subresources: ReadonlyMap<string, ApiSubresource>;
  /** Undefined for resources that are never stored (reviews, bindings). */
  storageVersionHash?: string;
  /** Field selector labels besides metadata.name and metadata.namespace → the label they are answered as. */
  fieldLabels: ReadonlyMap<string, string>;
}

export interface ApiSubresource {
  group: string;
  version: string;
  kind: string;
  verbs: readonly string[];
}

export interface ApiColumn {
  name: string;
  type: string;
  format: string;
  /** 1 = only with `-o wide`. */
  priority: number;
}

export interface ProtobufField {
  name: string;
  type: FieldType;
  inline: boolean;
  pointer: boolean;
  omitEmpty: boolean;
  omitZero: boolean;
}

export interface ProtobufTables {
  /** Message name of a kind. */
  messageOf(group: string, version: string, kind: string): string | undefined;
  message(name: string): ReadonlyMap<number, ProtobufField> | undefined;
  special(name: string): string | undefined;
}

interface RawResource {
  kind: string;
  singular: string;
  namespaced: boolean;
  verbs: string[];
  short?: string[];
  categories?: string[];
  hash?: string;
  sub?: Record<string, { group?: string; version?: string; kind: string; verbs: string[] }>;
}

interface RawResources {
  version: string;
  groups: Record<string, { versions: string[]; off?: string[] }>;
  resources: Record<string, RawResource>;
  params: Record<string, Record<string, string>>;
  fieldLabels: Record<string, string[]>;
}

interface RawSchema {
  names: [string, string][];
  definitions: Record<string, RawDefinition>;
}

interface RawProtobuf {
  special: Record<string, string>;
  kinds: Record<string, string>;
  messages: Record<string, Record<string, [string, string, string?]>>;
}

let loaded: ApiTables | undefined;

/** Parsed once a process, on first use (a few milliseconds). */
export function loadApiTables(): ApiTables {
  loaded ??= buildTables();
  return loaded;
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')) as T;
}

function buildTables(): ApiTables {
  const raw = readJson<RawResources>('./resources.json');
  const { kinds: columns } = readJson<{ kinds: Record<string, [string, string, string, number][]> }>('./columns.json');
  const schema = schemaReader(readJson<RawSchema>('./schema.json'));
  const resources = new Map<string, ApiResource>();
  for (const [key, value] of Object.entries(raw.resources)) {
    const served = servedResources[key];
    if (served) resources.set(key, resourceFrom(key, value, served.sub ?? [], raw.fieldLabels));
  }
  const byKind = new Map([...resources.values()].map((resource) => [kindKey(resource.group, resource.version, resource.kind), resource]));
  let protobuf: ProtobufTables | undefined;
  return {
    version: raw.version,
    groups: servedGroups(raw, resources),
    resources,
    resource: (group, version, plural) => resources.get(kindKey(group, version, plural)),
    resourceOfKind: (group, version, kind) => byKind.get(kindKey(group, version, kind)),
    ...schema,
    columns: (group, kind) => (columns[group === '' ? kind : `${group}/${kind}`] ?? columns['*'] ?? []).map(([name, type, format, priority]) => ({ name, type, format, priority })),
    parameters: (key) => raw.params[key] ?? {},
    protobuf: () => {
      protobuf ??= protobufReader(readJson<RawProtobuf>('./protobuf.json'));
      return protobuf;
    },
  };
}

/** `v1/pods`, `apps/v1/deployments`: also with a kind as the last part. */
function kindKey(group: string, version: string, name: string): string {
  return group === '' ? `${version}/${name}` : `${group}/${version}/${name}`;
}

function servedGroups(raw: RawResources, resources: ReadonlyMap<string, ApiResource>): ApiGroup[] {
  const groups: ApiGroup[] = [];
  for (const [group, { versions, off = [] }] of Object.entries(raw.groups)) {
    const served = versions.filter((version) => !off.includes(version) && [...resources.values()].some((r) => r.group === group && r.version === version));
    if (served.length > 0) groups.push({ group, versions: served });
  }
  return groups;
}

function resourceFrom(key: string, raw: RawResource, served: readonly string[], fieldLabels: Record<string, string[]>): ApiResource {
  const parts = key.split('/');
  const [group = '', version = '', resource = ''] = parts.length === 2 ? ['', ...parts] : parts;
  const subresources = new Map<string, ApiSubresource>();
  for (const [name, sub] of Object.entries(raw.sub ?? {})) {
    if (served.includes(name)) subresources.set(name, { group: sub.group ?? group, version: sub.version ?? version, kind: sub.kind, verbs: sub.verbs });
  }
  const labels = (fieldLabels[kindKey(group, version, raw.kind)] ?? []).map((label) => label.split('=') as [string, string?]);
  const result: ApiResource = {
    group,
    version,
    resource,
    kind: raw.kind,
    singular: raw.singular,
    namespaced: raw.namespaced,
    verbs: raw.verbs,
    shortNames: raw.short ?? [],
    categories: raw.categories ?? [],
    subresources,
    fieldLabels: new Map(labels.map(([label, target]) => [label, target ?? label])),
  };
  if (raw.hash) result.storageVersionHash = raw.hash;
  return result;
}

type SchemaReader = Pick<ApiTables, 'schema' | 'schemaNames' | 'definitionOf' | 'openApiName' | 'resolve'>;

function schemaReader(raw: RawSchema): SchemaReader {
  const parsed = new Map<string, Definition>();
  const byKind = new Map<string, string>();
  for (const [name, { g }] of Object.entries(raw.definitions)) {
    if (g === '*') byKind.set(`*/${name.split('.').at(-1)}`, name);
    else for (const [group, version, kind] of g ?? []) byKind.set(kindKey(group, version, kind), name);
  }
  const schema = (name: string): Definition | undefined => {
    const known = parsed.get(name);
    const source = raw.definitions[name];
    if (known || !source) return known;
    const definition = parseDefinition(name, source);
    parsed.set(name, definition);
    return definition;
  };
  return {
    schema,
    schemaNames: () => Object.keys(raw.definitions),
    definitionOf: (group, version, kind) => byKind.get(kindKey(group, version, kind)) ?? byKind.get(`*/${kind}`),
    openApiName: (name) => {
      const [short, full] = raw.names.find(([prefix]) => name.startsWith(prefix)) ?? ['', ''];
      return full + name.slice(short.length);
    },
    resolve: (type) => {
      if (type.form !== 'ref') return { type };
      const definition = schema(type.name);
      return definition?.alias ? { type: definition.alias, definition } : definition ? { type, definition } : { type };
    },
  };
}

function protobufReader(raw: RawProtobuf): ProtobufTables {
  const parsed = new Map<string, ReadonlyMap<number, ProtobufField>>();
  return {
    messageOf: (group, version, kind) => raw.kinds[kindKey(group, version, kind)] ?? raw.kinds[`*/${kind}`],
    special: (name) => raw.special[name],
    message: (name) => {
      const known = parsed.get(name);
      const source = raw.messages[name];
      if (known || !source) return known;
      const fields = new Map(Object.entries(source).map(([number, row]) => [Number(number), protobufField(row)]));
      parsed.set(name, fields);
      return fields;
    },
  };
}

function protobufField([name, type, flags = '']: [string, string, string?]): ProtobufField {
  return {
    name,
    type: parseFieldType(type),
    inline: flags.includes('n'),
    pointer: flags.includes('p'),
    omitEmpty: flags.includes('o'),
    omitZero: flags.includes('z'),
  };
}
