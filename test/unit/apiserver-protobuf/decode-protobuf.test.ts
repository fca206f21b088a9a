import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeProtobuf } from '../../../src/control-plane/apiserver/protobuf/decode-protobuf.ts';
import { loadApiTables } from '../../../src/kube/api/tables.ts';
import { isStatus } from '../../../src/kube/status.ts';

const tables = loadApiTables();
const oracle = join(process.env.KOPS_TS_ORACLE ?? join(import.meta.dirname, '../../../../shared/oracle'), 'kube-protobuf');

describe.skipIf(!existsSync(oracle))('protobuf: Kubernetes own examples decode to their JSON (skipped without the oracle files)', () => {
  // A watch event has no kind in its envelope and is never a request's body.
  const names = existsSync(oracle) ? readdirSync(oracle).flatMap((file) => (file.endsWith('.pb') && !file.includes('WatchEvent') ? file.slice(0, -3) : [])) : [];

  test.each(names)('%s', (name) => {
    const bytes = readFileSync(join(oracle, `${name}.pb`));
    const expected = JSON.parse(readFileSync(join(oracle, `${name}.json`), 'utf8'));
    expect(decodeProtobuf(tables, bytes).object).toEqual(expected);
  });
});

const envelope = (apiVersion: string, kind: string, raw: number[]): Uint8Array => {
  const text = (value: string) => [value.length, ...Buffer.from(value)];
  const meta = [0x0a, ...text(apiVersion), 0x12, ...text(kind)];
  return Uint8Array.from([0x6b, 0x38, 0x73, 0, 0x0a, meta.length, ...meta, 0x12, raw.length, ...raw]);
};

describe('protobuf request bodies', () => {
  test('a config map as kubectl sends it', () => {
    // metadata{name: "a"}, data{"k": "v"}
    const raw = [0x0a, 3, 0x0a, 1, 0x61, 0x12, 6, 0x0a, 1, 0x6b, 0x12, 1, 0x76];
    expect(decodeProtobuf(tables, envelope('v1', 'ConfigMap', raw)).object).toEqual({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { k: 'v' } });
  });

  test('unknown kinds, cut and foreign bytes are refused as bad requests', () => {
    expect(() => decodeProtobuf(tables, envelope('v1', 'Nothing', []))).toThrow('no kind "Nothing" is registered for version "v1"');
    expect(() => decodeProtobuf(tables, envelope('v1', 'ConfigMap', [0x0a, 9, 1]))).toThrow('unable to decode v1, Kind=ConfigMap: unexpected EOF');
    expect(() => decodeProtobuf(tables, new TextEncoder().encode('{}'))).toThrow('does not appear to be a protobuf message');
  });

  test('whatever comes, the answer is an object or a bad request', () => {
    fc.assert(
      fc.property(fc.constantFrom('Pod', 'ConfigMap', 'Service', 'Event', 'DeleteOptions'), fc.uint8Array({ maxLength: 100 }), (kind, raw) => {
        try {
          expect(decodeProtobuf(tables, envelope('v1', kind, [...raw])).kind).toBe(kind);
        } catch (error) {
          expect(isStatus(error, 'BadRequest'), String(error)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});
