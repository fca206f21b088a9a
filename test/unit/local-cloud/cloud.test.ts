import { describe, expect, it } from 'vitest';
import type { LocalCloud } from '../../../providers/local/cloud/local-cloud.ts';
import { createLocalProvider } from '../../../providers/local/provider.ts';
import type { ModelInput } from '../../../src/cloud/provider.ts';
import type { Environment } from '../../../src/lib/environment.ts';
import { applyPlan } from '../../../src/plan/apply-plan.ts';
import { buildPlan } from '../../../src/plan/build-plan.ts';
import { deleteAll } from '../../../src/plan/delete-all.ts';
import { pendingChanges } from '../../../src/plan/plan.ts';
import { clusterName, fakeNodes, MemoryHome, modelInput, openCloud, virtualEnvironment } from '../../contract/local-cloud-harness.ts';

async function apply(cloud: LocalCloud, environment: Environment, input: ModelInput): Promise<string[]> {
  const provider = createLocalProvider(cloud);
  const name = input.completed.cluster.metadata.name;
  const actual = await provider.inventory(name, environment.signal);
  const plan = buildPlan({ clusterName: name, provider: 'local', region: 'local-1', desired: provider.model(input), actual, kinds: provider.kinds });
  await applyPlan(plan, { kinds: provider.kinds, environment, onEvent: () => {} });
  await cloud.fleet.settled();
  return pendingChanges(plan).map((change) => `${change.action} ${change.kind}/${change.name}`);
}

const workers = async (cloud: LocalCloud) => (await cloud.groups(clusterName)).find((group) => group.instanceGroup === 'nodes');

describe('the local cloud', () => {
  it('applies a plan, then has nothing to do; a larger group is one change and one more node', async () => {
    const environment = virtualEnvironment();
    const { boot, nodes } = fakeNodes();
    const { cloud } = await openCloud({ environment, boot });
    expect((await apply(cloud, environment, modelInput(3))).length).toBeGreaterThan(10);
    expect(await apply(cloud, environment, modelInput(3))).toEqual([]);
    expect(nodes).toHaveLength(4);
    expect(await apply(cloud, environment, modelInput(4))).toEqual([`update InstanceGroup/nodes.${clusterName}`]);
    expect(nodes).toHaveLength(5);
    const zones = (await workers(cloud))?.instances.map((instance) => instance.zone).sort();
    expect(zones).toEqual(['local-1a', 'local-1a', 'local-1b', 'local-1b']);
  });

  it('gives the API the first address and nodes addresses of their zone', async () => {
    const environment = virtualEnvironment();
    const { cloud } = await openCloud({ environment });
    await apply(cloud, environment, modelInput(2));
    expect((await cloud.endpoint(clusterName))?.url).toBe('https://127.16.0.10');
    const ips = (await workers(cloud))?.instances.map((instance) => instance.privateIp);
    expect(ips?.filter((ip) => ip?.startsWith('127.16.1.'))).toHaveLength(1);
    expect(ips?.filter((ip) => ip?.startsWith('127.16.8.'))).toHaveLength(1);
  });

  it('rolls on new user data: running instances are outdated, replacements are not', async () => {
    const environment = virtualEnvironment();
    const { cloud } = await openCloud({ environment });
    const input = modelInput(1);
    await apply(cloud, environment, input);
    const changed = { ...input, userData: { ...input.userData, nodes: 'boot node, later' } };
    expect(await apply(cloud, environment, changed)).toEqual([`roll InstanceGroup/nodes.${clusterName}`]);
    const [old] = (await workers(cloud))?.instances ?? [];
    expect(old?.needsUpdate).toBe(true);
    await cloud.terminate(clusterName, old?.id ?? '');
    await cloud.fleet.settled();
    expect((await workers(cloud))?.instances.map((instance) => instance.needsUpdate)).toEqual([false]);
  });

  it('is back as it was after its process is gone: same instances, disks, addresses and load balancers', async () => {
    const environment = virtualEnvironment();
    const home = new MemoryHome();
    const first = await openCloud({ environment, home });
    await apply(first.cloud, environment, modelInput(2));
    const before = await first.cloud.groups(clusterName);
    const { boot, nodes } = fakeNodes();
    const second = await openCloud({ environment, home, boot });
    await second.cloud.resume();
    await second.cloud.fleet.settled();
    expect(await second.cloud.groups(clusterName)).toEqual(before);
    expect(nodes.map((node) => node.machine.metadata.instanceId).sort()).toEqual(before.flatMap((group) => group.instances.map((instance) => instance.id)).sort());
    expect(await second.cloud.describe(clusterName)).toEqual(await first.cloud.describe(clusterName));
    expect(await apply(second.cloud, environment, modelInput(2))).toEqual([]);
  });

  it('attaches the etcd volumes to the replacement of a control plane, with what was on them', async () => {
    const environment = virtualEnvironment();
    const { boot, nodes } = fakeNodes();
    const { cloud } = await openCloud({ environment, boot });
    await apply(cloud, environment, modelInput(1));
    const old = nodes.find((node) => node.machine.volumes.size > 0);
    const name = `a.etcd-main.${clusterName}`;
    expect([...(old?.machine.volumes.keys() ?? [])].sort()).toEqual([`a.etcd-events.${clusterName}`, name]);
    await old?.machine.volumes.get(name)?.writeFile('member', Buffer.from('data'));
    await cloud.terminate(clusterName, old?.machine.metadata.instanceId ?? '');
    await cloud.fleet.settled();
    const replacement = nodes.find((node) => node !== old && node.machine.volumes.size > 0);
    expect(old?.stopped).toBe('graceful');
    expect(Buffer.from((await replacement?.machine.volumes.get(name)?.readFile('member')) ?? []).toString()).toBe('data');
  });

  it('replaces an instance whose power went only after its health check failed', async () => {
    const environment = virtualEnvironment();
    const { boot, nodes } = fakeNodes();
    const { cloud, controllers } = await openCloud({ environment, boot });
    await apply(cloud, environment, modelInput(1));
    const changed: string[] = [];
    controllers.instances.onChange?.((nodeName) => changed.push(nodeName));
    const victim = (await workers(cloud))?.instances[0]?.id ?? '';
    await cloud.terminate(clusterName, victim, { hard: true });
    expect(nodes.find((node) => node.machine.metadata.instanceId === victim)?.stopped).toBe('hard');
    expect({ changed, instances: (await workers(cloud))?.instances.map((instance) => instance.state) }).toEqual({ changed: [], instances: ['stopped'] });
    await environment.clock.advance(61_000);
    await cloud.fleet.settled();
    const after = (await workers(cloud))?.instances ?? [];
    expect(after.map((instance) => instance.state)).toEqual(['running']);
    expect(after[0]?.id).not.toBe(victim);
    expect(changed).toContain(victim);
  });

  it('spreads connections evenly over the nodes of a Service load balancer, also while one is away', async () => {
    const environment = virtualEnvironment();
    const { boot, nodes } = fakeNodes();
    const { cloud, controllers } = await openCloud({ environment, boot });
    await apply(cloud, environment, modelInput(3));
    const names = (await workers(cloud))?.instances.map((instance) => instance.nodeName ?? '') ?? [];
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'default', uid: 'u-1' }, spec: { ports: [{ port: 80, nodePort: 30080 }] } };
    const status = await controllers.loadBalancers.ensure(
      clusterName,
      service,
      names.map((name) => ({ apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: {} })),
    );
    const fabric = nodes[0]?.machine.fabric;
    const reach = async () => {
      let answer = '';
      for await (const chunk of (await fabric?.connect({ type: 'outside' }, status.ingress[0]?.ip ?? '', 80)) ?? []) answer += chunk;
      return answer;
    };
    const counts = new Map<string, number>();
    for (let i = 0; i < 30; i++) {
      const name = await reach();
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    expect(Object.fromEntries(counts)).toEqual(Object.fromEntries(names.map((name) => [name, 10])));
    await nodes.find((node) => node.machine.metadata.nodeName === names[0])?.stop({ graceful: false });
    for (let i = 0; i < 9; i++) expect(names.slice(1)).toContain(await reach());
  });

  it('deletes a cluster completely: nothing on its disks, its block free again', async () => {
    const environment = virtualEnvironment();
    const home = new MemoryHome();
    const { boot, nodes } = fakeNodes();
    const { cloud } = await openCloud({ environment, home, boot });
    const provider = createLocalProvider(cloud);
    expect(await cloud.reserveBlock(clusterName, 16)).toBe('127.16.0.0/16');
    await apply(cloud, environment, modelInput(2));
    expect(await cloud.reserveBlock('other.k8s.local', 16)).toBe('127.17.0.0/16');
    await deleteAll({ inventory: () => provider.inventory(clusterName, environment.signal), kinds: provider.kinds, environment, onEvent: () => {} });
    expect(nodes.every((node) => node.stopped)).toBe(true);
    expect(cloud.ledger.clusters()).toEqual([]);
    expect([...home.disks.keys()].filter((path) => path !== 'cloud')).toEqual([]);
    expect(await home.openDisk('cloud').list('clusters')).toEqual([]);
    expect(await cloud.reserveBlock('third.k8s.local', 16)).toBe('127.16.0.0/16');
  });

  it('keeps a corrupt state file aside, says so, and runs the other clusters', async () => {
    const environment = virtualEnvironment();
    const home = new MemoryHome();
    const first = await openCloud({ environment, home });
    await apply(first.cloud, environment, modelInput(1));
    await apply(first.cloud, environment, modelInput(1, 'other.k8s.local', '127.17'));
    await home.openDisk('cloud').writeFile(`clusters/${clusterName}.json`, Buffer.from('{"version":1,"clus'));
    const { boot, nodes } = fakeNodes();
    const second = await openCloud({ environment, home, boot });
    await second.cloud.resume();
    await second.cloud.fleet.settled();
    expect(second.cloud.ledger.problems).toMatchObject([{ file: `clusters/${clusterName}.json`, keptAs: `clusters/${clusterName}.json.corrupt` }]);
    expect(await home.openDisk('cloud').list('clusters')).toContain(`${clusterName}.json.corrupt`);
    expect(second.cloud.ledger.clusters().map((state) => state.cluster)).toEqual(['other.k8s.local']);
    expect(nodes).toHaveLength(2);
    await expect(apply(second.cloud, environment, modelInput(1))).rejects.toThrow(`clusters/${clusterName}.json.corrupt`);
    expect(await second.cloud.describe(clusterName)).toEqual([]);
  });

  it('makes nothing in the place of a corrupt state file until the cluster is given up, however often it starts', async () => {
    const environment = virtualEnvironment();
    const home = new MemoryHome();
    await apply((await openCloud({ environment, home })).cloud, environment, modelInput(1));
    await home.openDisk('cloud').writeFile(`clusters/${clusterName}.json`, Buffer.from('{'));
    await openCloud({ environment, home });
    const { cloud } = await openCloud({ environment, home });
    await expect(apply(cloud, environment, modelInput(1))).rejects.toThrow(`clusters/${clusterName}.json.corrupt`);
    await createLocalProvider(cloud).forget?.(clusterName);
    expect(cloud.ledger.problems).toEqual([]);
    expect(await home.openDisk('cloud').list('clusters')).toEqual([]);
    await apply(cloud, environment, modelInput(1));
    expect((await openCloud({ environment, home })).cloud.ledger.problems).toEqual([]);
  });

  it('gives the block of a cluster that was not made to the next one, and never that of one that was', async () => {
    const environment = virtualEnvironment();
    const { cloud } = await openCloud({ environment });
    expect(await cloud.reserveBlock('tried.k8s.local', 16)).toBe('127.16.0.0/16');
    await cloud.forget('tried.k8s.local');
    expect(await cloud.reserveBlock(clusterName, 16)).toBe('127.16.0.0/16');
    await apply(cloud, environment, modelInput(1));
    await cloud.forget(clusterName);
    expect(await cloud.reserveBlock('other.k8s.local', 16)).toBe('127.17.0.0/16');
  });

  it('boots again what does not boot at first', async () => {
    const environment = virtualEnvironment();
    const { boot, nodes } = fakeNodes();
    let failures = 2;
    const { cloud } = await openCloud({
      environment,
      boot: async (machine, node) => {
        if (failures-- > 0) throw new Error('no join yet');
        return boot(machine, node);
      },
    });
    const problems = async () => (await cloud.groups(clusterName)).flatMap((group) => group.instances.map((instance) => instance.problem));
    const applied = apply(cloud, environment, modelInput(1));
    await environment.clock.advance(500);
    expect(await problems()).toEqual(['no join yet', 'no join yet']);
    for (let i = 0; i < 20; i++) await environment.clock.advance(500);
    await applied;
    expect(nodes).toHaveLength(2);
    expect(await problems()).toEqual([undefined, undefined]);
  });
});
