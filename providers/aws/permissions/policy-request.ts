import type { PermissionsRequest } from '../../../src/cloud/provider.ts';

export interface PolicyRequest extends PermissionsRequest {
  /** What ARNs begin with. `account`: `*` where nobody asked. */
  place: { partition: string; region: string; account: string };
}
