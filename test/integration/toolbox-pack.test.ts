import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, expect, it } from 'vitest';

const entry = join(dirname(dirname(import.meta.dirname)), 'bin', 'run.js');
const folder = mkdtempSync(join(tmpdir(), 'kops-ts-pack-'));
const node = (...args: string[]) =>
  execFileSync(process.execPath, args, { cwd: folder, env: { PATH: process.env.PATH, HOME: folder }, stdio: ['ignore', 'pipe', 'ignore'] })
    .toString()
    .trim();

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('toolbox pack writes what instances install: it runs by itself, under the name of its checksum', () => {
  const file = node(entry, 'toolbox', 'pack', '--out', folder);
  const archive = readFileSync(file);
  const sha256 = createHash('sha256').update(gunzipSync(archive)).digest('hex');
  expect(basename(file)).toBe(`kops-ts-${node(entry, 'version', '--short')}-${sha256.slice(0, 8)}.tgz`);
  expect(archive.length, 'bytes').toBeLessThan(5_000_000);
  execFileSync('tar', ['-xzf', file, '-C', folder]);
  const unpacked = join(folder, 'package/bin/run.js');
  expect(node(unpacked, 'version')).toBe(node(entry, 'version'));
  expect(node(unpacked, 'create', 'cluster', 'a.example.com', '--zones', 'us-east-1a', '--state', 'memory://a', '--dry-run', '-o', 'yaml')).toContain('kind: InstanceGroup');
});
