import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entry, Workplace } from './harness.ts';

const cluster = 'cancel.k8s.local';
const place = new Workplace();

/** Runs an update and sends it a signal when the first change has begun. */
function interrupted(signal: NodeJS.Signals): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [entry, 'update', 'cluster', cluster, '--yes', '-o', 'json', '--progress', 'json'], { env: place.env });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => {
    const before = stderr.includes('"started"');
    stderr += chunk.toString();
    if (!before && stderr.includes('"started"')) child.kill(signal);
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
}

const locks = () => {
  const folder = join(place.home, 'state', 'locks');
  return existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.json')) : [];
};

async function expectConverges(): Promise<void> {
  const again = await place.kops('update', 'cluster', cluster, '--yes', '-o', 'json');
  expect(again.code, again.stderr).toBe(0);
  expect(JSON.parse(again.stdout)).toMatchObject({ result: { status: 'applied', failed: [] } });
  const settled = await place.kops('update', 'cluster', cluster, '--detailed-exitcode');
  expect(settled.code, settled.stdout).toBe(0);
  expect((await place.kops('get', 'drift', cluster)).code).toBe(0);
  expect(locks()).toEqual([]);
}

describe('an update', () => {
  beforeAll(async () => {
    const created = await place.kops('create', 'cluster', cluster, '--zones', 'local-1a,local-1b,local-1c');
    expect(created.code, created.stderr).toBe(0);
  });
  afterAll(async () => {
    await place.kops('delete', 'cluster', cluster, '--yes');
    await place.close();
  });

  it('stopped by Ctrl-C: finishes what it has begun, releases the lock, exits with 130, and goes on when it is run again', async () => {
    const { code, stdout, stderr } = await interrupted('SIGINT');
    expect(code, stderr).toBe(130);
    const { result } = JSON.parse(stdout) as { result: { status: string; done: number; total: number } };
    expect(result.status).toBe('cancelled');
    expect(result.done).toBeLessThan(result.total);
    for (const line of stderr.trim().split('\n')) expect(JSON.parse(line), line).toBeTypeOf('object');
    expect(locks()).toEqual([]);
    await expectConverges();
  });

  it('stopped by kill -9: the lock of the dead process holds nobody up', async () => {
    expect((await place.kops('edit', 'ig', 'nodes-local-1a', '--name', cluster, '--set', 'spec.maxSize=2', '--set', 'spec.minSize=2')).code).toBe(0);
    expect((await place.kops('edit', 'cluster', cluster, '--set', 'spec.sshAccess=10.0.0.0/8')).code).toBe(0);
    const { code, stdout } = await interrupted('SIGKILL');
    expect(code).toBeNull();
    expect(stdout).toBe('');
    const again = await place.kops('update', 'cluster', cluster, '--yes');
    expect(again.code, again.stderr).toBe(0);
    expect((await place.kops('get', 'drift', cluster)).code).toBe(0);
    expect(locks()).toEqual([]);
  });

  it('from a plan in a file: done as it is or not at all', async () => {
    const file = join(place.folder, 'plan.json');
    const edit = (size: number) => place.kops('edit', 'ig', 'nodes-local-1b', '--name', cluster, '--set', `spec.maxSize=${size}`, '--set', `spec.minSize=${size}`);
    await edit(2);
    const made = await place.kops('update', 'cluster', cluster, '--plan-out', file, '--detailed-exitcode', '-o', 'json');
    expect(made.code, made.stderr).toBe(2);
    expect(readFileSync(file, 'utf8')).toBe(made.stdout);
    expect((await place.kops('update', 'cluster', '--plan', file, '--prune', '--yes')).code).toBe(64);
    expect((await place.kops('get', 'drift', cluster)).code).toBe(2);
    expect((await place.kops('update', 'cluster', '--plan', file, '--yes')).code).toBe(0);
    const stale = await place.kops('update', 'cluster', '--plan', file, '--yes', '-o', 'json');
    expect(stale.code).toBe(5);
    expect(JSON.parse(stale.stderr)).toMatchObject({ error: { code: 'PLAN_STALE', exitCode: 5 } });
  });
});
