import { readdirSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { curl, eventually, has, processesWith, rows, Workplace } from './harness.ts';

const ready = has('kubectl') && has('curl');

describe.skipIf(!ready)(`two homes on one machine${ready ? '' : ' (skipped: kubectl or curl is not installed)'}`, () => {
  const [one, two] = [new Workplace(), new Workplace()];
  afterAll(() => Promise.all([one.close(), two.close()]));

  const create = (place: Workplace) => place.kops('create', 'cluster', 'same.k8s.local', '--zones', 'local-1a', '--yes', '--wait', '60s');
  const nodeIp = async (place: Workplace) => rows((await place.kubectl('get', 'nodes', '-o', 'wide', '-l', 'node-role.kubernetes.io/node')).stdout)[0]?.['INTERNAL-IP'] ?? '';

  it('create clusters of the same name at the same time, each with addresses of its own', async () => {
    const created = await Promise.all([create(one), create(two)]);
    for (const outcome of created) expect(outcome.code, outcome.stdout + outcome.stderr).toBe(0);
    const [a, b] = await Promise.all([nodeIp(one), nodeIp(two)]);
    expect(a).toMatch(/^127\./);
    expect(a.split('.')[1]).not.toBe(b.split('.')[1]);
  });

  it('one goes on serving while the other is stopped, started and deleted', async () => {
    await one.kubectl('create', 'deployment', 'web', '--image=nginx');
    await one.kubectl('expose', 'deployment', 'web', '--port=80', '--type=NodePort');
    const port = (await one.kubectl('get', 'service', 'web', '-o', 'jsonpath={.spec.ports[0].nodePort}')).stdout;
    const url = `http://${await nodeIp(one)}:${port}/`;
    await eventually('nginx answers', async () => expect((await curl(url)).code).toBe(0));
    expect((await two.kops('local', 'stop')).code).toBe(0);
    expect(await processesWith(two.home)).toEqual([]);
    expect((await curl(url)).code).toBe(0);
    expect((await two.kops('local', 'start')).code).toBe(0);
    await eventually('the other cluster is back', async () => {
      const validated = await two.kops('validate', 'cluster', 'same.k8s.local');
      expect(validated.code, validated.stderr).toBe(0);
    });
    expect((await two.kops('delete', 'cluster', 'same.k8s.local', '--yes')).code).toBe(0);
    expect((await curl(url)).code).toBe(0);
  });

  it('leave no process and no socket behind', async () => {
    expect((await one.kops('delete', 'cluster', 'same.k8s.local', '--yes')).code).toBe(0);
    for (const place of [one, two]) {
      await place.kops('local', 'stop');
      expect(await processesWith(place.home)).toEqual([]);
      expect(readdirSync(place.home, { recursive: true }).filter((name) => String(name).endsWith('.sock'))).toEqual([]);
    }
  });
});
