import type { Hook } from '@oclif/core';
import { nearest } from '../../lib/text.ts';

/** `kops-ts crate cluster`: says what was probably meant. */
const hook: Hook.CommandNotFound = async function ({ id, config }) {
  const asked = id.replaceAll(':', ' ');
  const known = config.commands.filter((command) => !command.hidden).flatMap((command) => [command.id, ...(command.hiddenAliases ?? [])]);
  const names = known.map((name) => name.replaceAll(':', ' '));
  const near = nearest(asked, names) ?? nearest(asked.split(' ').slice(0, 2).join(' '), names) ?? withVerb(asked, names);
  process.stderr.write(`Error: there is no command ${asked}\n\nTry this:\n${near === undefined ? '' : `  Did you mean ${config.bin} ${near}?\n`}  ${config.bin} --help\n`);
  this.exit(64);
};

/** `kops-ts clusters`: most people want to look. */
function withVerb(asked: string, names: readonly string[]): string | undefined {
  const noun = asked.split(' ')[0] ?? '';
  return names.find((name) => name === `get ${noun}`) ?? names.find((name) => name.endsWith(` ${noun}`));
}

export default hook;
