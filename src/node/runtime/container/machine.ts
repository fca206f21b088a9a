import type { Environment } from '../../../lib/environment.ts';
import { contentOf, type ImageContent } from '../images/image-content.ts';
import type { ImageDefinition } from '../images/image-definition.ts';
import { type ImageName, originalName } from '../images/image-name.ts';
import { programFolders } from '../images/root-folders.ts';
import { usualPorts } from '../images/usual-ports.ts';
import type { ContainerConfig, Sandbox } from '../runtime.ts';
import { baseName, FileSystem, findOnPath, parentOf, resolvePath } from './file-system.ts';
import type { PodNetwork } from './pod-network.ts';
import { type Hardware, type Machine, ProcessTable, type Program } from './process.ts';
import { StandardFiles } from './standard-files.ts';

export interface MachineOptions {
  environment: Environment;
  network: PodNetwork;
  sandbox: Sandbox;
  nodeName: string;
  nameserver: string;
  clusterDomain: string;
  hardware: Hardware;
  config: ContainerConfig;
  definition: ImageDefinition;
  image: ImageName;
}

const standardPath = programFolders.join(':');
const binFolders = new Set([...programFolders, '/usr/local/apache2/bin', '/']);

/** What the programs of one container see of the world. */
export function createMachine(options: MachineOptions): { machine: Machine; environment: Map<string, string>; workingDir: string } {
  const { environment, network, sandbox, config, definition, image } = options;
  const facts = { ip: sandbox.ip, hostname: sandbox.hostname, namespace: sandbox.namespace, nameserver: options.nameserver, clusterDomain: options.clusterDomain };
  const computed = new StandardFiles(facts, () => machine, environment.clock.now());
  const content = contentOf(definition, image);
  const files = new FileSystem({ image: content.files, computed, mounts: config.mounts });
  const machine: Machine = {
    clock: environment.clock,
    random: environment.random,
    files,
    network,
    pod: { namespace: sandbox.namespace, name: sandbox.name, node: options.nodeName, ip: sandbox.ip, hostname: sandbox.hostname },
    image: { name: config.image, tag: image.tag ?? '', ports: portsOf(options) },
    flavour: definition.tools === 'debian' ? 'debian' : 'busybox',
    resolver: { nameserver: options.nameserver, clusterDomain: options.clusterDomain },
    processes: new ProcessTable(),
    find: (command, cwd) => findProgram({ definition, content, files }, command, cwd),
    hardware: options.hardware,
    reportBug: (error, argv) => environment.log.error('a simulated program failed', { pod: `${sandbox.namespace}/${sandbox.name}`, argv, error }),
  };
  const variables = new Map(Object.entries({ PATH: standardPath, HOSTNAME: sandbox.hostname, HOME: '/root', ...definition.env?.(image), ...config.env }));
  if (config.tty) variables.set('TERM', config.env.TERM ?? 'xterm');
  return { machine, environment: variables, workingDir: config.spec.workingDir || definition.workingDir || '/' };
}

/** TCP ports its container declares, or those its image is known for. */
function portsOf({ config, definition, image }: MachineOptions): readonly number[] {
  const declared = (config.spec.ports ?? []).filter((port) => (port.protocol ?? 'TCP') === 'TCP').map((port) => port.containerPort);
  return declared.length > 0 ? declared : (definition.ports ?? usualPorts[originalName(image)] ?? []);
}

interface ProgramSources {
  definition: ImageDefinition;
  content: ImageContent;
  files: FileSystem;
}

function findProgram(from: ProgramSources, command: string, cwd: string): Program | undefined {
  const { definition, content, files } = from;
  if (!command.includes('/')) return content.programs.get(command) ?? scriptOnPath(from, command) ?? definition.anyCommand;
  const full = resolvePath(cwd, command);
  const own = content.programs.get(full) ?? (binFolders.has(parentOf(full)) ? content.programs.get(baseName(full)) : undefined);
  if (own) return own;
  if (files.isExecutable(full)) return scriptProgram(from, full);
  return files.stat(full) ? undefined : definition.anyCommand;
}

function scriptOnPath(from: ProgramSources, command: string): Program | undefined {
  const path = findOnPath(from.files, standardPath, command);
  return path === undefined ? undefined : scriptProgram(from, path);
}

/** A file that begins with `#!`: its interpreter, with the file as argument. */
function scriptProgram(from: ProgramSources, path: string): Program | undefined {
  const [first = ''] = from.files.readText(path).split('\n', 1);
  const words = first.startsWith('#!') ? first.slice(2).trim().split(/\s+/) : ['/bin/sh'];
  if (baseName(words[0] ?? '') === 'env') words.shift();
  const interpreter = findProgram(from, words[0] ?? '/bin/sh', '/');
  if (!interpreter) return undefined;
  return (process) => {
    process.argv = [...words, path, ...process.argv.slice(1)];
    return interpreter(process);
  };
}
