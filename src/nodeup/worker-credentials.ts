import { join, type NodeCredentials } from '../bootstrap/join-client.ts';
import type { Machine } from '../bootstrap/machine.ts';
import type { BootConfig } from '../bootstrap/node-config.ts';
import { readText } from './node-config.ts';

const path = 'etc/kubernetes/node.json';

/** What the control plane gave this worker when it joined; asked for once, then kept on the root disk, as kubelets do. */
export async function workerCredentials(machine: Machine, boot: BootConfig): Promise<NodeCredentials> {
  const kept = await readText(machine.disk, path);
  if (kept !== undefined) return JSON.parse(kept) as NodeCredentials;
  const credentials = await join(machine, boot);
  await machine.disk.writeFile(path, Buffer.from(JSON.stringify(credentials)), { mode: 0o600 });
  return credentials;
}
