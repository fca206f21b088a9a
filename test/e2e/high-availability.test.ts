import { afterAll, describe, expect, it } from 'vitest';
import { eventually, has, rows, Workplace } from './harness.ts';

const ready = has('kubectl');

describe.skipIf(!ready)(`three control planes${ready ? '' : ' (skipped: kubectl is not installed)'}`, () => {
  const place = new Workplace();
  const cluster = 'ha.k8s.local';
  afterAll(() => place.close());

  const controlPlanes = async () => {
    const instances = JSON.parse((await place.kops('get', 'instances', '-o', 'json')).stdout) as { id: string; instanceGroup: string }[];
    return instances.filter(({ instanceGroup }) => instanceGroup.startsWith('control-plane')).map(({ id }) => id);
  };
  const leader = async () => (await place.kubectl('get', 'lease', '-n', 'kube-system', 'kube-controller-manager', '-o', 'jsonpath={.spec.holderIdentity}')).stdout;

  it('in a private network with a bastion: all are there, behind one address', async () => {
    const zones = 'local-1a,local-1b,local-1c';
    const made = await place.kops('create', 'cluster', cluster, '--zones', zones, '--control-plane-zones', zones, '--topology', 'private', '--bastion', '--yes', '--wait', '90s');
    expect(made.code, made.stderr).toBe(0);
    const nodes = rows((await place.kubectl('get', 'nodes')).stdout);
    expect(nodes.map(({ ROLES, STATUS }) => `${ROLES} ${STATUS}`).sort()).toEqual([...Array(3).fill('control-plane Ready'), ...Array(3).fill('node Ready')]);
    const endpoints = await place.json<{ endpoints: { addresses: string[] }[] }>('get', 'endpointslice', 'kubernetes');
    expect(endpoints.endpoints).toHaveLength(3);
    expect(rows((await place.kops('get', 'instances')).stdout).filter(({ ROLES }) => ROLES === 'bastion')).toHaveLength(1);
    expect((await place.kops('update', 'cluster')).stdout).toContain('No changes need to be applied');
  });

  it('goes on without the one that leads, refuses without two, and forgets nothing', async () => {
    expect((await place.kubectl('create', 'configmap', 'before')).code).toBe(0);
    const all = await controlPlanes();
    const first = await leader();
    expect(all).toContain(first);
    expect((await place.kops('local', 'kill', first)).code).toBe(0);
    const written = await place.kubectl('create', 'configmap', 'during');
    expect(written.code, written.stderr).toBe(0);
    const second = all.find((id) => id !== first) ?? '';
    expect((await place.kops('local', 'kill', second)).code).toBe(0);
    const refused = await place.kubectl('create', 'configmap', 'never');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('1 of 3 members run, 2 are needed');
    expect((await place.kubectl('get', 'configmap', 'before')).code).toBe(1);
    expect((await place.kops('delete', 'instance', second, '--yes')).code).toBe(0);
    await eventually('with another machine in its place, the API answers', async () => {
      const names = (await place.kubectl('get', 'configmaps', '-o', 'name')).stdout;
      expect(names).toContain('configmap/before');
      expect(names).toContain('configmap/during');
      expect(names).not.toContain('configmap/never');
    });
  });

  it('goes with everything', async () => {
    const gone = await place.kops('delete', 'cluster', cluster, '--yes');
    expect(gone.code, gone.stderr).toBe(0);
    expect(JSON.parse((await place.kops('local', 'status', '-o', 'json')).stdout)).toMatchObject({ clusters: [] });
  });
});
