import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Args, type Command, Flags } from '@oclif/core';
import { describe, expect, it } from 'vitest';
import { completionScript, shells } from '../../../src/cli/completion-script.ts';
import { type CommandTree, complete } from '../../../src/cli/completion-words.ts';

const globals = { name: Flags.string({}), state: Flags.string({}) };
const command = (id: string, more: object = {}) => ({ id, aliases: [], hiddenAliases: [], hidden: false, flags: globals, args: {}, ...more }) as unknown as Command.Loadable;
const asked: unknown[] = [];
const tree: CommandTree = {
  commands: [
    command('create', { flags: { ...globals, filename: Flags.string({ char: 'f', multiple: true }) } }),
    command('create:cluster', { args: { cluster: Args.string() } }),
    command('get:clusters', {
      hiddenAliases: ['get:cluster'],
      args: { cluster: Args.string() },
      flags: { ...globals, output: Flags.string({ char: 'o', options: ['json', 'yaml'] }) },
    }),
    command('edit:instancegroup', { hiddenAliases: ['edit:ig'], args: { instancegroup: Args.string() }, flags: { ...globals, edit: Flags.boolean({ allowNo: true }) } }),
    command('completion', { args: { shell: Args.string({ options: [...shells] }) } }),
    command('complete', { hidden: true }),
  ],
  names: {
    clusters: async () => ['b.k8s.local', 'a.k8s.local'],
    instanceGroups: async (cluster) => {
      asked.push(cluster);
      return ['nodes-1a', 'nodes-1b'];
    },
  },
};

describe('completion', () => {
  it.each([
    ['', ['completion', 'create', 'edit', 'get']],
    ['ge', ['get']],
    ['get ', ['clusters']],
    ['get clusters ', ['a.k8s.local', 'b.k8s.local']],
    ['get cluster b', ['b.k8s.local']],
    ['get clusters a.k8s.local ', []],
    ['get clusters --o', ['--output']],
    ['get clusters -o ', ['json', 'yaml']],
    ['get clusters --output=j', ['--output=json']],
    ['get clusters -o json ', ['a.k8s.local', 'b.k8s.local']],
    ['get clusters --name ', ['a.k8s.local', 'b.k8s.local']],
    ['edit ig nodes-1', ['nodes-1a', 'nodes-1b']],
    ['edit ig --name b.k8s.local nodes-1b', ['nodes-1b']],
    ['edit ig --no-', ['--no-edit']],
    ['create ', ['cluster']],
    ['create cluster ', []],
    ['completion ', ['bash', 'fish', 'zsh']],
    ['nonsense ', []],
  ])('of %j offers %j', async (line, words) => expect(await complete(line.split(' '), tree)).toEqual({ words, files: false }));

  it('offers files where a file is meant, and asks for the groups of the cluster that is named', async () => {
    expect(await complete(['create', '-f', ''], tree)).toEqual({ words: [], files: true });
    asked.length = 0;
    await complete(['edit', 'ig', '--name=b.k8s.local', ''], tree);
    await complete(['edit', 'ig', ''], tree);
    expect(asked).toEqual(['b.k8s.local', undefined]);
  });

  it.each(shells.map((shell) => [shell, spawnSync(shell, ['--version']).status === 0]))('has a script that %s can read', (shell, installed) => {
    const script = completionScript(shell, 'kops-ts');
    expect(script).not.toMatch(/@[A-Z]+@/);
    if (installed) execFileSync(shell, ['-n'], { input: script, stdio: ['pipe', 'ignore', 'pipe'] });
  });

  it('works in bash', () => {
    const folder = mkdtempSync(join(tmpdir(), 'completion-'));
    try {
      writeFileSync(join(folder, 'kops-ts'), '#!/bin/sh\nshift 2\necho "--output=$#"\n');
      chmodSync(join(folder, 'kops-ts'), 0o755);
      const ask = (words: string) =>
        execFileSync(
          'bash',
          ['-c', `${completionScript('bash', 'kops-ts')}\nCOMP_WORDS=(${words}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _kops_ts 2>/dev/null; echo "\${COMPREPLY[@]}"`],
          {
            env: { PATH: `${folder}:${process.env.PATH}` },
            stdio: ['ignore', 'pipe', 'ignore'],
          },
        ).toString();
      expect(ask('kops-ts get cl')).toBe('--output=2\n');
      expect(ask("kops-ts get ''")).toBe('--output=2\n');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
