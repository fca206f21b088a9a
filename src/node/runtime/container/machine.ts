import type { Environment } from '../../../lib/environment.ts';
import type { ImageDefinition } from '../images/image-definition.ts';
import type { ImageName } from '../images/image-name.ts';
import type { ContainerConfig, Sandbox } from '../runtime.ts';
import { tools } from '../utilities/tools.ts';
import { baseName, FileSystem, parentOf, resolvePath } from './file-system.ts';
import type { PodNetwork } from './pod-network.ts';
import { type Machine, ProcessTable, type Program } from './process.ts';
import { StandardFiles } from './standard-files.ts';

export interface MachineOptions {
  environment: Environment;
  network: PodNetwork;
  sandbox: Sandbox;
  nodeName: string;
  nameserver: string;
  clusterDomain: string;
  config: ContainerConfig;
  definition: ImageDefinition;
  image: ImageName;
}

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const binFolders = new Set(['/bin', '/sbin', '/usr/bin', '/usr/sbin', '/usr/local/bin', '/usr/local/sbin', '/usr/local/apache2/bin', '/']);

/** What the programs of one container see of the world. */
export function createMachine(options: MachineOptions): { machine: Machine; environment: Map<string, string>; workingDir: string } {
  const { environment, network, sandbox, config, definition, image } = options;
  const facts = { ip: sandbox.ip, hostname: sandbox.hostname, namespace: sandbox.namespace, nameserver: options.nameserver, clusterDomain: options.clusterDomain };
  const computed = new StandardFiles(facts, () => machine, environment.clock.now());
  const files = new FileSystem({ image: filesOf(definition, image), computed, mounts: config.mounts });
  const machine: Machine = {
    clock: environment.clock,
    random: environment.random,
    files,
    network,
    pod: { namespace: sandbox.namespace, name: sandbox.name, node: options.nodeName, ip: sandbox.ip, hostname: sandbox.hostname },
    image: { name: config.image, tag: image.tag ?? '', ports: (config.spec.ports ?? []).filter((port) => (port.protocol ?? 'TCP') === 'TCP').map((port) => port.containerPort) },
    flavour: definition.tools === 'debian' ? 'debian' : 'busybox',
    resolver: { nameserver: options.nameserver, clusterDomain: options.clusterDomain },
    processes: new ProcessTable(),
    find: (command, cwd) => findProgram(definition, files, command, cwd),
    programs: () => [...Object.keys(definition.programs ?? {}), ...Object.keys(tools[definition.tools])].map(baseName).sort(),
    reportBug: (error, argv) => environment.log.error('a simulated program failed', { pod: `${sandbox.namespace}/${sandbox.name}`, argv, error }),
  };
  const variables = new Map(Object.entries({ PATH: path, HOSTNAME: sandbox.hostname, HOME: '/root', ...definition.env?.(image), ...config.env }));
  if (config.tty) variables.set('TERM', config.env.TERM ?? 'xterm');
  return { machine, environment: variables, workingDir: config.spec.workingDir || definition.workingDir || '/' };
}

function findProgram(definition: ImageDefinition, files: FileSystem, command: string, cwd: string): Program | undefined {
  const known = (name: string) => definition.programs?.[name] ?? tools[definition.tools][name];
  if (!command.includes('/')) return known(command) ?? definition.anyCommand;
  const full = resolvePath(cwd, command);
  const own = definition.programs?.[full] ?? (binFolders.has(parentOf(full)) ? known(baseName(full)) : undefined);
  if (own) return own;
  if (files.isExecutable(full)) return scriptProgram(definition, files, full);
  return files.stat(full) ? undefined : definition.anyCommand;
}

/** A file that begins with `#!`: its interpreter, with the file as argument. */
function scriptProgram(definition: ImageDefinition, files: FileSystem, path: string): Program | undefined {
  const [first = ''] = files.readText(path).split('\n', 1);
  const words = first.startsWith('#!') ? first.slice(2).trim().split(/\s+/) : ['/bin/sh'];
  if (baseName(words[0] ?? '') === 'env') words.shift();
  const interpreter = findProgram(definition, files, words[0] ?? '/bin/sh', '/');
  if (!interpreter) return undefined;
  return (process) => {
    process.argv = [...words, path, ...process.argv.slice(1)];
    return interpreter(process);
  };
}

/** Made once for an image and shared by its containers. */
const sharedFiles = new WeakMap<ImageDefinition, Map<string, ReadonlyMap<string, string | Uint8Array>>>();

function filesOf(definition: ImageDefinition, image: ImageName): ReadonlyMap<string, string | Uint8Array> {
  const byTag = sharedFiles.get(definition) ?? new Map<string, ReadonlyMap<string, string | Uint8Array>>();
  sharedFiles.set(definition, byTag);
  const tag = image.tag ?? '';
  const files = byTag.get(tag) ?? definition.files?.(image) ?? new Map();
  byTag.set(tag, files);
  return files;
}
