import { archiveName, type PackedSoftware, packSoftware } from '../bootstrap/software/pack.ts';
import { packageRoot } from '../bootstrap/software/package-root.ts';

/** This kops-ts as instances install it, and the name under which they look for it. Throws NOT_BUILT. */
export async function packForInstances(): Promise<{ name: string; packed: PackedSoftware }> {
  const packed = await packSoftware(packageRoot());
  return { name: archiveName(packed), packed };
}
