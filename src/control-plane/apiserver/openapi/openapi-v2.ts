import type { ApiTables } from '../../../kube/api/tables.ts';

/**
 * The frame of an OpenAPI 2.0 document, without definitions: version 3 has those. Clients that do not find a kind in version 3 ask
 * version 2 before they believe that it does not exist; kubectl then says which kind is missing instead of failing to validate.
 */
export function openApiV2(tables: ApiTables): object {
  return { swagger: '2.0', info: { title, version: tables.version }, paths: {}, definitions: {} };
}

/** The same as `openapi.v2.Document` of gnostic: swagger = 1, info = 2 (title = 1, version = 2), paths = 8, definitions = 9. */
export function openApiV2Protobuf(tables: ApiTables): Uint8Array {
  const info = Buffer.concat([field(1, Buffer.from(title)), field(2, Buffer.from(tables.version))]);
  return Buffer.concat([field(1, Buffer.from('2.0')), field(2, info), field(8, Buffer.alloc(0)), field(9, Buffer.alloc(0))]);
}

export const openApiV2ProtobufType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

const title = 'Kubernetes';

/** Length-delimited; none of these is longer than a one-byte length can say. */
function field(number: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2, content.length]), content]);
}
