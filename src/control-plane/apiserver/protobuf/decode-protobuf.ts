import type { FieldType } from '../../../kube/api/definition.ts';
import type { ApiTables, ProtobufField, ProtobufTables } from '../../../kube/api/tables.ts';
import type { KubeObject } from '../../../kube/objects.ts';
import { badRequest } from '../../../kube/status.ts';
import { ProtobufError, ProtobufReader } from './reader.ts';
import { decodeSpecial } from './special-types.ts';

type Json = Record<string, unknown>;

const magic = [0x6b, 0x38, 0x73, 0x00];
const maxDepth = 100;
const utf8 = new TextDecoder();

/** A request body of `application/vnd.kubernetes.protobuf`: the object as its JSON would be. Throws BadRequest. */
export function decodeProtobuf(tables: ApiTables, bytes: Uint8Array): { apiVersion: string; kind: string; object: KubeObject } {
  if (!magic.every((byte, index) => bytes[index] === byte)) throw badRequest('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  let named = 'protobuf body';
  try {
    const unknown = readUnknown(bytes.subarray(magic.length));
    const { apiVersion, kind } = unknown;
    named = `${apiVersion}, Kind=${kind}`;
    const [group, version] = apiVersion.includes('/') ? (apiVersion.split('/') as [string, string]) : ['', apiVersion];
    const message = tables.protobuf().messageOf(group, version, kind);
    if (message === undefined) throw badRequest(`no kind "${kind}" is registered for version "${apiVersion}"`);
    return { apiVersion, kind, object: { kind, apiVersion, ...(new MessageDecoder(tables.protobuf()).message(message, unknown.raw, 0) as Json) } as KubeObject };
  } catch (error) {
    if (error instanceof ProtobufError) throw badRequest(`unable to decode ${named}: ${error.message}`);
    throw error;
  }
}

function readUnknown(bytes: Uint8Array): { apiVersion: string; kind: string; raw: Uint8Array } {
  const result = { apiVersion: '', kind: '', raw: new Uint8Array() };
  const reader = new ProtobufReader(bytes);
  while (!reader.done) {
    const { field, wire } = reader.tag();
    if (field === 1 && wire === 2) readTypeMeta(reader.chunk(), result);
    else if (field === 2 && wire === 2) result.raw = new Uint8Array(reader.chunk());
    else reader.skip(wire);
  }
  return result;
}

function readTypeMeta(bytes: Uint8Array, result: { apiVersion: string; kind: string }): void {
  const reader = new ProtobufReader(bytes);
  while (!reader.done) {
    const { field, wire } = reader.tag();
    if (wire === 2 && field === 1) result.apiVersion = utf8.decode(reader.chunk());
    else if (wire === 2 && field === 2) result.kind = utf8.decode(reader.chunk());
    else reader.skip(wire);
  }
}

class MessageDecoder {
  private readonly tables: ProtobufTables;

  constructor(tables: ProtobufTables) {
    this.tables = tables;
  }

  message(name: string, bytes: Uint8Array, depth: number): unknown {
    if (depth > maxDepth) throw new ProtobufError('nested too deeply');
    const rule = this.tables.special(name);
    const special = rule === undefined ? undefined : decodeSpecial(rule, bytes);
    if (special) return special.value;
    const fields = this.tables.message(name);
    if (!fields) throw new ProtobufError(`no message ${name}`);
    const object: Json = {};
    const reader = new ProtobufReader(bytes);
    while (!reader.done) {
      const { field: number, wire } = reader.tag();
      const field = fields.get(number);
      if (!field) reader.skip(wire);
      else if (field.inline) Object.assign(object, this.message(refName(field.type), reader.chunk(), depth + 1));
      else this.field(object, field, reader, wire, depth);
    }
    prune(object, fields);
    if (rule === 'items') return Object.values(object)[0] ?? [];
    return rule?.startsWith('oneof:') ? oneOf(rule, object, fields) : object;
  }

  private field(object: Json, { name, type }: ProtobufField, reader: ProtobufReader, wire: number, depth: number): void {
    if (type.form === 'list') {
      const list = (object[name] as unknown[] | undefined) ?? [];
      object[name] = list;
      if (wire === 2 && isPackable(type.item)) this.packed(list, type.item, reader.chunk(), depth);
      else list.push(this.value(type.item, reader, depth));
    } else if (type.form === 'map') {
      const map = (object[name] as Json | undefined) ?? {};
      object[name] = map;
      this.entry(map, type.item, reader.chunk(), depth);
    } else object[name] = this.value(type, reader, depth);
  }

  private packed(list: unknown[], item: FieldType, bytes: Uint8Array, depth: number): void {
    const reader = new ProtobufReader(bytes);
    while (!reader.done) list.push(this.value(item, reader, depth));
  }

  private entry(map: Json, type: FieldType, bytes: Uint8Array, depth: number): void {
    const reader = new ProtobufReader(bytes);
    let key = '';
    let value: unknown;
    while (!reader.done) {
      const { field, wire } = reader.tag();
      if (field === 1) key = utf8.decode(reader.chunk());
      else if (field === 2) value = this.value(type, reader, depth);
      else reader.skip(wire);
    }
    map[key] = value ?? (type.form === 'ref' ? this.message(type.name, new Uint8Array(), depth + 1) : '');
  }

  private value(type: FieldType, reader: ProtobufReader, depth: number): unknown {
    if (type.form === 'ref') return this.message(type.name, reader.chunk(), depth + 1);
    if (type.form !== 'scalar') throw new ProtobufError('a list of lists');
    switch (type.code) {
      case 's':
        return utf8.decode(reader.chunk());
      case 'y':
        return Buffer.from(reader.chunk()).toString('base64');
      case 'b':
        return reader.varint() !== 0n;
      case 'd':
        return reader.double();
      case 'f':
        return reader.float();
      case 'u':
        return Number(BigInt.asUintN(32, reader.varint()));
      case 'U':
        return Number(BigInt.asUintN(64, reader.varint()));
      default:
        return Number(reader.varint());
    }
  }
}

function refName(type: FieldType): string {
  if (type.form !== 'ref') throw new ProtobufError('an inline field that is no message');
  return type.name;
}

function isPackable(type: FieldType): boolean {
  return type.form === 'scalar' && !['s', 'y'].includes(type.code);
}

/** Go writes zero values of fields that are no pointers; its JSON leaves them out. */
function prune(object: Json, fields: ReadonlyMap<number, ProtobufField>): void {
  for (const field of fields.values()) {
    const value = object[field.name];
    if (field.pointer || value === undefined) continue;
    if ((field.omitZero && (value === null || isZero(value))) || (field.omitEmpty && isZero(value))) delete object[field.name];
  }
}

function isZero(value: unknown): boolean {
  return value === '' || value === 0 || value === false || (Array.isArray(value) && value.length === 0);
}

function oneOf(rule: string, object: Json, fields: ReadonlyMap<number, ProtobufField>): unknown {
  const values = rule
    .slice('oneof:'.length)
    .split(',')
    .map((number) => object[fields.get(Number(number))?.name ?? '']);
  return values.find((value) => value !== undefined && !(Array.isArray(value) && value.length === 0)) ?? null;
}
