import { describe, expect, it } from 'vitest';
import type { LocalCloud } from '../../../providers/local/cloud/local-cloud.ts';
import { createLocalProvider } from '../../../providers/local/provider.ts';
import { clusterName, fakeNodes, MemoryHome, modelInput, openCloud, virtualEnvironment } from '../../contract/local-cloud-harness.ts';

const network = (cluster = clusterName, cidr = '127.16.0.0/18') => ({ kind: 'Network', name: cluster, cluster, attributes: { cidr } });
const subnet = (networkId: string, cidr = '127.16.0.0/21', name = 'a') => ({
  kind: 'Subnet',
  name,
  cluster: clusterName,
  attributes: { cidr, zone: 'local-1a', network: networkId },
});
const group = (subnetId: string, size = 1) => ({
  kind: 'InstanceGroup',
  name: 'nodes',
  cluster: clusterName,
  attributes: {
    instanceGroup: 'nodes',
    role: 'Node',
    minSize: size,
    maxSize: size,
    machineType: 't3.medium',
    subnets: [subnetId],
    userData: 'x',
    publicIp: false,
    loadBalancers: [],
  },
});

async function withGroup(cloud: LocalCloud, size = 1) {
  const vpc = await cloud.create(network());
  const zone = await cloud.create(subnet(vpc.id));
  const nodes = await cloud.create(group(zone.id, size));
  await cloud.fleet.settled();
  return { vpc, zone, nodes };
}

describe('rules of the local cloud', () => {
  it('refuses what overlaps, is outside, is unknown or exists', async () => {
    const { cloud } = await openCloud();
    const vpc = await cloud.create(network());
    await expect(cloud.create(network())).rejects.toMatchObject({ class: 'alreadyExists' });
    await expect(cloud.create(network('other.k8s.local', '127.16.32.0/20'))).rejects.toMatchObject({
      class: 'invalid',
      message: expect.stringContaining(`of cluster ${clusterName}`),
    });
    await expect(cloud.create(subnet(vpc.id, '127.17.0.0/20'))).rejects.toMatchObject({ class: 'invalid' });
    await cloud.create(subnet(vpc.id));
    await expect(cloud.create(subnet(vpc.id, '127.16.4.0/22', 'b'))).rejects.toMatchObject({ class: 'invalid', message: expect.stringContaining('overlaps') });
    await expect(cloud.create(subnet('vpc-00000000000000000', '127.16.8.0/21', 'c'))).rejects.toMatchObject({ class: 'notFound' });
    await expect(cloud.create({ ...network(), kind: 'Queue' })).rejects.toMatchObject({ class: 'invalid' });
    await expect(cloud.update(vpc.id, { cidr: '127.16.0.0/17' })).rejects.toMatchObject({ class: 'invalid', message: expect.stringContaining('cidr') });
    expect((await cloud.describe(clusterName)).map((resource) => resource.kind)).toEqual(['Network', 'Subnet']);
  });

  it('does not delete what something depends on, and names it', async () => {
    const { cloud } = await openCloud();
    const { vpc, zone, nodes } = await withGroup(cloud);
    await expect(cloud.remove(vpc.id)).rejects.toMatchObject({ class: 'dependency', blockers: [zone.id] });
    await expect(cloud.remove(zone.id)).rejects.toMatchObject({ class: 'dependency', blockers: expect.arrayContaining([nodes.id]) });
    await cloud.remove(nodes.id);
    await cloud.remove(zone.id);
    await cloud.remove(vpc.id);
    await expect(cloud.remove(vpc.id)).rejects.toMatchObject({ class: 'notFound' });
  });

  it('says when quota or capacity is used up, and changes nothing then', async () => {
    const { cloud } = await openCloud({ settings: { quotas: { Subnet: 1 }, capacity: () => 2 } });
    const { vpc, zone, nodes } = await withGroup(cloud, 2);
    await expect(cloud.create(subnet(vpc.id, '127.16.8.0/21', 'b'))).rejects.toMatchObject({ class: 'quota' });
    await expect(cloud.update(nodes.id, group(zone.id, 3).attributes)).rejects.toMatchObject({ class: 'capacity' });
    const [after] = await cloud.groups(clusterName);
    expect({ target: after?.target, instances: after?.instances.length }).toEqual({ target: 2, instances: 2 });
  });

  it('shows a new resource late and calls it pending until it is available', async () => {
    const environment = virtualEnvironment();
    const { cloud } = await openCloud({ environment, settings: { pendingMs: 2_000, visibleAfterMs: 1_000 } });
    const vpc = await cloud.create(network());
    expect(vpc.state).toBe('pending');
    expect(await cloud.describe(clusterName)).toEqual([]);
    await expect(cloud.create(subnet(vpc.id))).rejects.toMatchObject({ class: 'notYetVisible' });
    await environment.clock.advance(1_500);
    expect((await cloud.describe(clusterName))[0]?.state).toBe('pending');
    const available = cloud.waitUntilAvailable(vpc.id);
    await environment.clock.advance(1_000);
    expect((await available).state).toBe('available');
  });

  it('shrinks a group from outdated and crowded zones first', async () => {
    const { cloud } = await openCloud();
    const { zone, nodes } = await withGroup(cloud, 3);
    const before = (await cloud.groups(clusterName))[0]?.instances.map((instance) => instance.id) ?? [];
    await cloud.update(nodes.id, { ...group(zone.id, 3).attributes, userData: 'y' });
    await cloud.terminate(clusterName, before[0] ?? '');
    await cloud.fleet.settled();
    await cloud.update(nodes.id, { ...group(zone.id, 1).attributes, userData: 'y' });
    await cloud.fleet.settled();
    const left = (await cloud.groups(clusterName))[0]?.instances ?? [];
    expect(left.map((instance) => instance.needsUpdate)).toEqual([false]);
    expect(before).not.toContain(left[0]?.id);
  });

  it('fails the calls it was told to fail', async () => {
    const { cloud } = await openCloud();
    cloud.faults.inject({ class: 'throttled', operation: 'createNetwork', nth: 1 });
    cloud.faults.inject({ class: 'ambiguous', operation: 'createSubnet', nth: 1 });
    await expect(cloud.create(network())).rejects.toMatchObject({ class: 'throttled' });
    const vpc = await cloud.create(network());
    await expect(cloud.create(subnet(vpc.id))).rejects.toMatchObject({ class: 'ambiguous' });
    expect((await cloud.describe(clusterName)).map((resource) => resource.kind)).toEqual(['Network', 'Subnet']);
  });

  it('does not answer before a change is on disk', async () => {
    const home = new MemoryHome();
    const { cloud } = await openCloud({ home });
    await cloud.create(network());
    const { cloud: reopened } = await openCloud({ home });
    expect(await reopened.describe(clusterName)).toEqual(await cloud.describe(clusterName));
  });

  it('has 64 blocks; it gives up one that was only reserved before it refuses', async () => {
    const { cloud } = await openCloud();
    const blocks = await Promise.all(Array.from({ length: 64 }, (_, i) => cloud.reserveBlock(`c${i}.k8s.local`, 16)));
    expect(blocks).toEqual(blocks.map((_, i) => `127.${16 + i}.0.0/16`));
    expect(await cloud.reserveBlock('c3.k8s.local', 16)).toBe('127.19.0.0/16');
    expect(await cloud.reserveBlock('c64.k8s.local', 16)).toBe('127.16.0.0/16');
  });
});

describe('what an instance may know', () => {
  it('reads the documents of its role, and no others; the plan and the inventory never show their content', async () => {
    const { boot, nodes } = fakeNodes();
    const { cloud } = await openCloud({ boot });
    const provider = createLocalProvider(cloud);
    const input = modelInput(1);
    for (const document of provider.model(input).filter((resource) => resource.kind === 'Document')) {
      await provider.kinds.get('Document')?.create({ ...document, cluster: clusterName }, { signal: new AbortController().signal, progress: () => {} });
    }
    await withGroup(cloud);
    const machine = nodes[0]?.machine;
    expect(Buffer.from((await machine?.fetchDocument('igconfig/node/nodes/nodeupconfig.yaml')) ?? []).toString()).toBe('role: Node\n');
    await expect(machine?.fetchDocument('pki/kubernetes-ca.yaml')).rejects.toMatchObject({ class: 'denied' });
    await expect(machine?.fetchDocument('nothing')).rejects.toMatchObject({ class: 'notFound' });
    expect(JSON.stringify([provider.model(input), await provider.inventory(clusterName, new AbortController().signal)])).not.toContain('private');
  });

  it('proves who it is to one audience for a short time', async () => {
    const environment = virtualEnvironment();
    const { boot, nodes } = fakeNodes();
    const { cloud, services } = await openCloud({ boot, environment });
    await withGroup(cloud);
    const machine = nodes[0]?.machine;
    const token = (await machine?.identityToken('join')) ?? '';
    expect(await services.verifyIdentity(token, 'join', [])).toMatchObject({ instanceId: machine?.metadata.instanceId, clusterName, instanceGroup: 'nodes', role: 'Node' });
    await expect(services.verifyIdentity(token, 'other', [])).rejects.toMatchObject({ class: 'denied' });
    await expect(services.verifyIdentity(`${token.slice(0, -2)}xx`, 'join', [])).rejects.toMatchObject({ class: 'denied' });
    await environment.clock.advance(600_000);
    await expect(services.verifyIdentity(token, 'join', [])).rejects.toMatchObject({ class: 'denied' });
  });
});
