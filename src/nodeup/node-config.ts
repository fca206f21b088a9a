import type { Machine } from '../bootstrap/machine.ts';
import { type BootConfig, hashNodeConfig, type NodeConfig } from '../bootstrap/node-config.ts';
import type { Disk } from '../lib/disk.ts';
import { KopsError, systemCode } from '../lib/errors.ts';
import { parseYaml } from '../lib/yaml.ts';

const cachedPath = 'etc/kops-ts/nodeupconfig.yaml';

/**
 * The document a control plane instance was launched for. At the first boot it is fetched and must have the hash that the user data names;
 * from then on the machine keeps its own copy, so that a reboot after an edit starts what ran before.
 */
export async function controlPlaneConfig(machine: Machine, boot: BootConfig): Promise<NodeConfig> {
  const kept = await readText(machine.disk, cachedPath);
  if (kept !== undefined) return parseYaml(kept, cachedPath) as NodeConfig;
  const text = Buffer.from(await machine.fetchDocument(boot.documentPath)).toString();
  const config = parseYaml(text, boot.documentPath) as NodeConfig;
  if (hashNodeConfig(config) !== boot.nodeupConfigHash) {
    throw new KopsError(`${boot.documentPath} is not the document this instance was launched for`, {
      code: 'NODE_CONFIG_CHANGED',
      exit: 'conflict',
      object: boot.instanceGroup,
      suggestions: ['Replace the instance: a new one starts from the current document.'],
    });
  }
  await machine.disk.writeFile(cachedPath, Buffer.from(text));
  return config;
}

/** Undefined when there is no such file. */
export async function readText(disk: Disk, path: string): Promise<string | undefined> {
  try {
    return Buffer.from(await disk.readFile(path)).toString();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
