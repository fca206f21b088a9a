import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Command } from '@oclif/core';
import { describe, expect, it } from 'vitest';

const folder = join(import.meta.dirname, '../../../src/commands');

function commandFiles(path = folder): string[] {
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? commandFiles(join(path, entry.name)) : [join(path, entry.name)]));
}

const idOf = (file: string) =>
  relative(folder, file)
    .replace(/(\/?index)?\.ts$/, '')
    .replaceAll('/', ' ');

async function load(file: string): Promise<typeof Command> {
  return ((await import(file)) as { default: typeof Command }).default;
}

describe('the command line', () => {
  const files = commandFiles().sort();

  it('is the one that people have in their scripts', async () => {
    const lines: string[] = [];
    for (const file of files) {
      const command = await load(file);
      const args = Object.entries(command.args ?? {}).map(([name, arg]) => (arg.required ? name : `[${name}]`));
      lines.push([idOf(file), ...args].join(' '));
      for (const alias of command.hiddenAliases ?? []) lines.push(`  = ${alias.replaceAll(':', ' ')}`);
      for (const [name, flag] of Object.entries({ ...command.baseFlags, ...command.flags }).sort(([a], [b]) => (a < b ? -1 : 1))) {
        const names = [`--${name}`, ...(flag.char ? [`-${flag.char}`] : []), ...(flag.aliases ?? []).map((alias) => `--${alias}`)].join(', ');
        const options = flag.type === 'option' && flag.options ? ` ${flag.options.join('|')}` : '';
        lines.push(`  ${names}${flag.type === 'option' ? (flag.multiple ? ' VALUE…' : ' VALUE') : ''}${options}${flag.required ? ' (required)' : ''}`);
      }
    }
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(join(import.meta.dirname, '../../golden/cli/surface.txt'));
  });

  it.each(files.map((file) => [idOf(file), file]))('%s says what it does, in short and by example', async (_id, file) => {
    const command = await load(file);
    expect(command.summary).toBeTruthy();
    expect(command.examples?.length).toBeGreaterThan(0);
    for (const [name, flag] of Object.entries(command.flags ?? {})) expect(flag.summary, name).toBeTruthy();
  });
});
