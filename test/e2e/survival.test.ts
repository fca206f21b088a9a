import { afterAll, describe, expect, it } from 'vitest';
import { watchHolder } from '../../providers/local/daemon/lock.ts';
import { daemonPaths } from '../../providers/local/daemon/paths.ts';
import { curl, eventually, has, rows, Workplace } from './harness.ts';

const ready = has('kubectl') && has('curl');

describe.skipIf(!ready)(`what a cluster survives${ready ? '' : ' (skipped: kubectl or curl is not installed)'}`, () => {
  const place = new Workplace();
  const cluster = 'hard.k8s.local';
  afterAll(() => place.close());

  const instances = async () => JSON.parse((await place.kops('get', 'instances', '-o', 'json')).stdout) as { id: string; instanceGroup: string }[];
  const names = async (resource: string) => (await place.kubectl('get', resource, '-o', 'name')).stdout.split('\n').filter(Boolean);

  it('its machines: a worker and the control plane are terminated while traffic runs, and no request fails', async () => {
    const made = await place.kops('create', 'cluster', cluster, '--zones', 'local-1a', '--node-count', '2', '--yes', '--wait', '60s');
    expect(made.code, made.stderr).toBe(0);
    await place.kubectl('create', 'deployment', 'web', '--image=nginx', '--replicas=4');
    await place.kubectl('expose', 'deployment', 'web', '--port=8080', '--target-port=80', '--type=LoadBalancer');
    const address = await eventually('the load balancer answers', async () => {
      const ip = (await place.kubectl('get', 'service', 'web', '-o', 'jsonpath={.status.loadBalancer.ingress[0].ip}')).stdout;
      expect((await place.kubectl('rollout', 'status', 'deployment/web', '--timeout=20s')).code).toBe(0);
      expect((await curl(`http://${ip}:8080/`)).code).toBe(0);
      return ip;
    });
    let running = true;
    const failures: string[] = [];
    const traffic = (async () => {
      for (let n = 0; running; n++) {
        const answer = await curl(`http://${address}:8080/`);
        if (answer.code !== 0) failures.push(`request ${n}: ${answer.stderr}`);
      }
    })();
    for (const group of ['nodes-local-1a', 'control-plane-local-1a']) {
      const victim = (await instances()).find((instance) => instance.instanceGroup === group)?.id ?? '';
      expect((await place.kops('delete', 'instance', victim, '--yes')).code).toBe(0);
      await eventually(`another of ${group} is ready, ${victim} and its lease are gone`, async () => {
        const nodes = rows((await place.kubectl('get', 'nodes')).stdout);
        expect(nodes.map((row) => row.STATUS)).toEqual(['Ready', 'Ready', 'Ready']);
        expect(nodes.map((row) => row.NAME)).not.toContain(victim);
        expect((await place.kubectl('get', 'leases', '-n', 'kube-node-lease', '-o', 'name')).stdout).not.toContain(victim);
      });
    }
    await eventually('four pods run', async () => expect(rows((await place.kubectl('get', 'pods')).stdout).map((row) => row.STATUS)).toEqual(Array(4).fill('Running')));
    running = false;
    await traffic;
    expect(failures).toEqual([]);
  });

  it('the death of its process at any moment: what was acknowledged is there', async () => {
    const acknowledged: string[] = [];
    for (const [round, limit] of [2, 5, 9].entries()) {
      const { pid } = JSON.parse((await place.kops('local', 'status', '-o', 'json')).stdout) as { pid: number };
      let killed = false;
      const writers = [0, 1].map(async (writer) => {
        for (let n = 0; !killed; n++) {
          const name = `c-${round}-${writer}-${n}`;
          const made = await place.kubectl('create', 'configmap', name);
          if (made.code === 0) acknowledged.push(`configmap/${name}`);
          if (made.code === 0 && !killed && n >= limit / 2) {
            killed = true;
            process.kill(pid, 'SIGKILL');
          }
        }
      });
      await Promise.all(writers);
      await watchHolder(daemonPaths(place.home).lock, 'gone');
      expect((await place.kops('get', 'clusters')).stdout).toContain(cluster);
      await eventually('every acknowledged object is there', async () => expect(await names('configmaps')).toEqual(expect.arrayContaining(acknowledged)), 20);
    }
    expect(acknowledged.length).toBeGreaterThan(9);
    await eventually('the cluster validates', async () => expect((await place.kops('validate', 'cluster', cluster)).code).toBe(0));
  });
});
