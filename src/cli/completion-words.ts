import type { Command, Interfaces } from '@oclif/core';

/** What the word under the cursor may become. */
export interface Completion {
  words: string[];
  /** The shell should offer files, too. */
  files: boolean;
}

/** Names out of the state store: asked only where they may stand. */
export interface StoredNames {
  clusters(): Promise<string[]>;
  instanceGroups(cluster: string | undefined): Promise<string[]>;
}

export interface CommandTree {
  commands: readonly Command.Loadable[];
  names: StoredNames;
}

const fileFlags = new Set(['filename', 'config', 'kubeconfig', 'ssh-public-key', 'cert', 'key', 'out', 'plan', 'plan-out', 'facts']);

/**
 * Completes the last of `words` (all after `kops-ts`): commands, flags, their values, and names of clusters and instance groups.
 * Options of flags, commands and flags come from the manifest.
 */
export async function complete(words: readonly string[], { commands, names }: CommandTree): Promise<Completion> {
  const current = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const { command, rest } = findCommand(before, commands);
  const typed = typedFlags(rest, command);
  const [, inline, started = ''] = /^--([a-z0-9-]+)=(.*)$/s.exec(current) ?? [];
  if (command && inline !== undefined) return prefixed(await flagValues(command, inline, typed, names), started, `--${inline}=`);
  const open = openFlag(rest, command);
  if (command && open !== undefined) return prefixed(await flagValues(command, open, typed, names), current);
  if (current.startsWith('-')) return prefixed({ words: command ? flagWords(command) : ['--help', '--version'], files: false }, current);
  const children = rest.length === 0 ? childWords(before, commands) : [];
  const values = command ? await argumentValues(command, typed, names) : { words: [], files: false };
  return prefixed({ words: [...children, ...values.words], files: values.files }, current);
}

function prefixed({ words, files }: Completion, start: string, before = ''): Completion {
  const found = [...new Set(words)].filter((word) => word.startsWith(start)).sort();
  return { words: found.map((word) => before + word), files };
}

/** The longest command that the words begin with, by its name or another of its names, and what follows it. */
function findCommand(words: readonly string[], commands: readonly Command.Loadable[]): { command: Command.Loadable | undefined; rest: readonly string[] } {
  for (let length = words.length; length > 0; length--) {
    const id = words.slice(0, length).join(':');
    const command = commands.find((one) => one.id === id || one.aliases.includes(id) || one.hiddenAliases.includes(id));
    if (command) return { command, rest: words.slice(length) };
  }
  return { command: undefined, rest: [] };
}

/** The next word of every visible command below these words. */
function childWords(words: readonly string[], commands: readonly Command.Loadable[]): string[] {
  const prefix = words.map((word) => `${word}:`).join('');
  return commands.filter((one) => !one.hidden && one.id.startsWith(prefix)).map((one) => one.id.slice(prefix.length).split(':')[0] ?? '');
}

function flagWords({ flags }: Command.Loadable): string[] {
  const words = Object.entries(flags).filter(([, flag]) => !flag.hidden);
  return [...words.flatMap(([name, flag]) => [`--${name}`, ...(flag.type === 'boolean' && flag.allowNo ? [`--no-${name}`] : [])]), '--help'];
}

/** The flag that waits for its value. */
function openFlag(rest: readonly string[], command: Command.Loadable | undefined): string | undefined {
  const last = rest.at(-1);
  if (last === undefined || !last.startsWith('-') || last.includes('=')) return undefined;
  const found = Object.entries(command?.flags ?? {}).find(([name, flag]) => `--${name}` === last || (flag.char !== undefined && `-${flag.char}` === last));
  return found && found[1].type === 'option' ? found[0] : undefined;
}

/** Values of flags on the line that other completions depend on, and how many arguments there are. */
function typedFlags(rest: readonly string[], command: Command.Loadable | undefined): { name: string | undefined; arguments: number } {
  let name: string | undefined;
  let count = 0;
  for (const [i, word] of rest.entries()) {
    const isValue = i > 0 && openFlag(rest.slice(0, i), command) !== undefined;
    if (word.startsWith('--name=')) name = word.slice('--name='.length);
    else if (rest[i - 1] === '--name') name = word;
    if (!word.startsWith('-') && !isValue) count++;
  }
  return { name, arguments: count };
}

type Typed = ReturnType<typeof typedFlags>;

async function flagValues(command: Command.Loadable, name: string, typed: Typed, names: StoredNames): Promise<Completion> {
  const flag = command.flags[name] as (Interfaces.OptionFlag<unknown> & { options?: readonly string[] }) | undefined;
  if (flag?.options) return { words: [...flag.options], files: false };
  if (name === 'name') return { words: await names.clusters(), files: false };
  if (name === 'instance-group') return { words: await names.instanceGroups(typed.name), files: false };
  return { words: [], files: fileFlags.has(name) };
}

async function argumentValues(command: Command.Loadable, typed: Typed, names: StoredNames): Promise<Completion> {
  const [name, argument] = Object.entries(command.args)[typed.arguments] ?? [];
  // Names of new things cannot be guessed.
  if (!argument || (command.id.startsWith('create:') && name === command.id.split(':')[1])) return { words: [], files: false };
  if (argument.options) return { words: [...argument.options], files: false };
  if (name === 'cluster') return { words: await names.clusters(), files: false };
  if (name === 'instancegroup') return { words: await names.instanceGroups(typed.name), files: false };
  return { words: [], files: false };
}
