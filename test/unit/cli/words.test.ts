import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Flags } from '@oclif/core';
import { describe, expect, it } from 'vitest';
import { createFlags, createOptions, parseLabels } from '../../../src/cli/create-options.ts';
import { homeFolder, stateStoreUrl } from '../../../src/cli/home.ts';
import { configuredStateStore } from '../../../src/cli/kops-config.ts';
import { normalizeArgv } from '../../../src/cli/normalize-argv.ts';
import { createProgress } from '../../../src/cli/progress.ts';
import { providers } from '../../../src/cli/providers.ts';
import { renderError } from '../../../src/cli/render-error.ts';
import { terraformFolder } from '../../../src/cli/terraform-flags.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { KopsError } from '../../../src/lib/errors.ts';

describe('arguments', () => {
  it('are taken as kops takes them', () => {
    const flags = { ...createFlags, bastion: Flags.boolean({ allowNo: true }) };
    expect(normalizeArgv(['a', '--yes=true', '--dry-run=false', '--bastion=false', '--master-size=t2.micro', '--set=a=true', '--', '--yes=true'], flags)).toEqual([
      'a',
      '--yes',
      '--no-bastion',
      '--master-size',
      't2.micro',
      '--set=a=true',
      '--',
      '--yes=true',
    ]);
  });

  it('may leave out the value of --admin, as in kops', () => {
    const flags = { admin: Flags.string() };
    const words = (line: string) => normalizeArgv(line.split(' '), flags).join(' ');
    expect(words('a.k8s.local --admin')).toBe('a.k8s.local --admin=18h');
    expect(words('--admin a.k8s.local')).toBe('--admin=18h a.k8s.local');
    expect(words('--admin=1h a.k8s.local')).toBe('--admin=1h a.k8s.local');
    expect(words('--admin 1h30m --yes')).toBe('--admin 1h30m --yes');
    expect(normalizeArgv(['--admin'], {})).toEqual(['--admin']);
  });

  it('become options, absent ones staying absent', () => {
    const flags = { zones: ['us-test-1a'], 'node-count': 2, image: 'i', 'node-image': 'n', 'dry-run': false } as Parameters<typeof createOptions>[1];
    expect(createOptions('a.b', flags)).toEqual({ name: 'a.b', zones: ['us-test-1a'], dryRun: false, nodeCount: 2, image: 'i', nodeImage: 'n' });
    expect(createOptions('a.b', { ...flags, target: 'terraform' })).toMatchObject({ terraform: true });
  });

  it('of a Terraform configuration name its folder, and exclude what means nothing there', () => {
    expect(terraformFolder({ target: 'direct', out: undefined }, ['prune'], ['prune'])).toBeUndefined();
    expect(terraformFolder({ target: 'terraform', out: undefined }, ['yes'], ['prune'])).toBe('out/terraform');
    expect(terraformFolder({ target: 'terraform', out: 'there' }, ['target', 'out'], ['prune'])).toBe('there');
    expect(() => terraformFolder({ target: 'direct', out: 'there' }, ['out'], [])).toThrow('--out is for --target terraform');
    expect(() => terraformFolder({ target: 'terraform', out: undefined }, ['target', 'prune'], ['prune'])).toThrow('--prune has no meaning with --target terraform');
  });

  it('may have labels with commas in quotes', () => {
    expect(parseLabels('Owner=John Doe,dn="cn=John, o=x", foo/bar=fib+baz')).toEqual({ Owner: 'John Doe', dn: 'cn=John, o=x', 'foo/bar': 'fib+baz' });
    expect(() => parseLabels('nonsense')).toThrow('cannot be read');
  });
});

describe('the home', () => {
  it('is where the platform keeps user data, unless it is named', () => {
    expect(homeFolder({ KOPS_TS_HOME: '/h' })).toBe('/h');
    expect(homeFolder({ HOME: '/u' }, 'linux')).toBe('/u/.local/share/kops-ts');
    expect(homeFolder({ HOME: '/u', XDG_DATA_HOME: '/d' }, 'linux')).toBe('/d/kops-ts');
    expect(homeFolder({ HOME: '/u' }, 'darwin')).toBe('/u/Library/Application Support/kops-ts');
    expect(stateStoreUrl(undefined, '/h')).toBe('file:///h/state');
    expect(stateStoreUrl('s3://bucket/', '/h')).toBe('s3://bucket');
  });
});

describe("kops' configuration file", () => {
  it('names the state store, in either place or where --config says', async () => {
    const home = mkdtempSync(join(tmpdir(), 'kops-config-'));
    try {
      expect(await configuredStateStore(undefined, { HOME: home })).toBeUndefined();
      mkdirSync(join(home, '.kops'));
      writeFileSync(join(home, '.kops', 'config'), 'kops_state_store: s3://second\n');
      expect(await configuredStateStore(undefined, { HOME: home })).toBe('s3://second');
      writeFileSync(join(home, '.kops.yaml'), 'kops_state_store: s3://first\n');
      expect(await configuredStateStore(undefined, { HOME: home })).toBe('s3://first');
      writeFileSync(join(home, 'mine'), '');
      expect(await configuredStateStore(join(home, 'mine'), { HOME: home })).toBeUndefined();
      await expect(configuredStateStore(join(home, 'none'), { HOME: home })).rejects.toMatchObject({ code: 'INVALID_CONFIG', exitCode: 64 });
      writeFileSync(join(home, 'mine'), '- a\n');
      await expect(configuredStateStore(join(home, 'mine'), { HOME: home })).rejects.toThrow('it is not a YAML object');
    } finally {
      rmSync(home, { recursive: true });
    }
  });
});

describe('the cloud', () => {
  it.each([
    [['local-1a', 'local-1b'], 'local'],
    [['us-east-1a'], 'aws'],
  ])('of %j is %s', async (zones, name) => expect(await providers.ofZones(zones)).toBe(name));

  it('is named when zones do not tell', async () => {
    await expect(providers.ofZones(['nowhere'])).rejects.toMatchObject({ code: 'UNKNOWN_ZONE' });
    await expect(providers.ofZones(['local-1a', 'us-east-1a'])).rejects.toThrow('local-1a is a zone of local, us-east-1a is a zone of aws');
    await expect(providers.load('lokal')).rejects.toThrow('did you mean local?');
  });
});

describe('errors', () => {
  const command = { flags: ['zones', 'yes'], bin: 'kops-ts', id: 'create:cluster', argv: [], commands: ['create', 'create:cluster'] };

  it('name the thing, the place and the way out; programs get the same', () => {
    const error = new KopsError('cluster a is gone', {
      code: 'GONE',
      exit: 'notFound',
      object: 'a',
      expected: 'another',
      suggestions: ['look'],
      cause: new Error('the dog ate it'),
    });
    const result = renderError(error, command);
    expect(result.text).toBe('Error: cluster a is gone\n  Expected: another\n  Caused by: the dog ate it\n\nTry this:\n  look\n');
    expect(result.json).toEqual({ error: { code: 'GONE', message: 'cluster a is gone', suggestions: ['look'], object: 'a', exitCode: 4 } });
    expect(result.exitCode).toBe(4);
  });

  it('of usage name the nearest flag and command', () => {
    const flag = Object.assign(new Error('Nonexistent flag: --zone\nSee more help with --help'), { flags: ['--zone'], oclif: { exit: 64 } });
    expect(renderError(flag, command)).toMatchObject({ exitCode: 64, json: { error: { code: 'USAGE', suggestions: ['Did you mean --zones?', 'kops-ts create cluster --help'] } } });
    const child = Object.assign(new Error('Unexpected argument: clutser'), { oclif: { exit: 64 } });
    expect(renderError(child, { ...command, id: 'create', argv: ['clutser'] }).json.error.suggestions[0]).toBe('Did you mean kops-ts create cluster?');
    const value = Object.assign(new Error('Unexpected argument: true'), { oclif: { exit: 64 } });
    expect(renderError(value, { ...command, argv: ['a.k8s.local', '--yes', 'true'] }).json.error.suggestions[0]).toBe(
      'A flag that is on or off takes its value with =: --yes=true',
    );
    const option = (message: string) => renderError(Object.assign(new Error(message), { oclif: { exit: 64 } }), command).json.error.suggestions[0];
    expect(option('Expected --output=tabel to be one of: table, wide, json\nSee more help with --help')).toBe('Did you mean --output=table?');
    expect(option('Expected bsh to be one of: bash, zsh, fish')).toBe('Did you mean bash?');
    expect(option('Expected --output=rainbow to be one of: table, wide, json')).toBe('kops-ts create cluster --help');
  });

  it('that nobody expected are bugs', () => expect(renderError(new TypeError('x is not a function'), command)).toMatchObject({ exitCode: 70, json: { error: { code: 'BUG' } } }));
});

describe('progress', () => {
  const change = { kind: 'Group', name: 'nodes', action: 'create', done: 0, total: 2 } as const;
  const show = (options: { isTTY: boolean }) => {
    const clock = new VirtualClock();
    let text = '';
    const progress = createProgress({ write: (part: string) => (text += part), columns: 60, ...options }, clock, { plain: false });
    return { clock, progress, text: () => text };
  };

  it('is a line for each change in a pipe', () => {
    const { progress, text } = show({ isTTY: false });
    progress.event({ type: 'apply', event: { type: 'started', ...change } });
    progress.event({ type: 'apply', event: { type: 'succeeded', ...change, done: 1, durationMs: 1234 } });
    progress.event({ type: 'apply', event: { type: 'retrying', kind: 'Group', name: 'b', message: 'is throttled', afterMs: 2000 } });
    progress.event({ type: 'warning', message: 'careful' });
    progress.stop();
    expect(text()).toBe('Group/nodes created (1.2s, 1/2)\nGroup/b is throttled; next try in 2.0s\nWarning: careful\n');
  });

  it('is redrawn on a terminal and leaves only what lasts', async () => {
    const { clock, progress, text } = show({ isTTY: true });
    progress.event({ type: 'apply', event: { type: 'started', ...change } });
    await clock.advance(100);
    expect(text()).toBe('  Group/nodes creating 0.1s\n  0 of 2 done\n');
    progress.event({ type: 'apply', event: { type: 'succeeded', ...change, done: 1, durationMs: 100 } });
    progress.stop();
    expect(text().split('\u001b[2A\u001b[0J')[1]).toBe('Group/nodes created (0.1s, 1/2)\n');
    expect(clock.waiting).toBe(0);
  });
});
