import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keypairsText, secretsText, sshPublicKeysText } from '../../../src/cli/views/credentials.ts';
import { formatObjects } from '../../../src/cli/views/objects.ts';
import { upgradeTable } from '../../../src/cli/views/upgrade.ts';
import type { VirtualClock } from '../../../src/lib/clock.ts';
import { KopsError } from '../../../src/lib/errors.ts';
import { createCluster } from '../../../src/operations/create-cluster.ts';
import { createInstanceGroup } from '../../../src/operations/create-instance-group.ts';
import { deleteInstanceGroup } from '../../../src/operations/delete-instance-group.ts';
import { deleteObjects } from '../../../src/operations/delete-objects.ts';
import { dumpCluster } from '../../../src/operations/dump-cluster.ts';
import { editCluster } from '../../../src/operations/edit-objects.ts';
import { getClusters, getSpecs } from '../../../src/operations/get-clusters.ts';
import { createKeypair, distrustKeypairs, listKeypairs, promoteKeypair, trustKeypairs } from '../../../src/operations/keypairs.ts';
import { createSecret, deleteSecret, listSecrets, readSecrets } from '../../../src/operations/secrets.ts';
import { mixedInstanceGroup, selectMachineTypes } from '../../../src/operations/select-machine-types.ts';
import { addSshPublicKey, deleteSshPublicKeys, listSshPublicKeys } from '../../../src/operations/ssh-public-keys.ts';
import { applyUpdate, previewUpdate } from '../../../src/operations/update-cluster.ts';
import { upgradeCluster } from '../../../src/operations/upgrade-cluster.ts';
import { pendingChanges } from '../../../src/plan/plan.ts';
import { applySettings } from '../../../src/spec/set.ts';
import { type Workbench, workbench } from './test-cloud.ts';

const name = 'a.k8s.local';
const golden = (file: string) => join(import.meta.dirname, '../../golden/cli', file);

let folder: string;
let bench: Workbench;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'operations-'));
  bench = workbench(join(folder, 'config'));
  await createCluster(bench.operator, { name, zones: ['us-test-1a', 'us-test-1b'] });
});
afterEach(() => rmSync(folder, { recursive: true }));

const failure = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => (error instanceof KopsError ? error : undefined),
  );

describe('instance groups', () => {
  const groups = async () => (await getSpecs(bench.operator, name)).instanceGroups.map((group) => group.metadata.name);

  it('are created whole, and not over one another', async () => {
    const { operator } = bench;
    const made = await createInstanceGroup(operator, name, 'workers', { role: 'Node', subnets: [], zones: ['us-test-1b'], dryRun: true });
    await expect(formatObjects([made], 'yaml', true)).toMatchFileSnapshot(golden('new-instance-group.yaml'));
    expect(await groups()).not.toContain('workers');
    const change = (group: typeof made) => applySettings(group, { set: ['spec.maxSize=5'] });
    await createInstanceGroup(operator, name, 'workers', { role: 'Node', subnets: ['us-test-1b'], change });
    expect((await getSpecs(operator, name)).instanceGroups.find((group) => group.metadata.name === 'workers')?.spec).toMatchObject({ minSize: 2, maxSize: 5 });
    expect((await failure(createInstanceGroup(operator, name, 'workers', { role: 'Node', subnets: ['us-test-1b'] })))?.message).toBe(
      `instance group "workers" already exists in cluster ${name}`,
    );
    expect((await failure(createInstanceGroup(operator, name, 'others', { role: 'Node', subnets: [] })))?.suggestions).toEqual(['--subnet us-test-1a,us-test-1b']);
    expect((await failure(createInstanceGroup(operator, name, 'others', { role: 'Node', subnets: ['us-test-1x'] })))?.code).toBe('SPEC_INVALID');
  });

  it('are deleted with what they own, the last control plane never', async () => {
    const { operator, cloud } = bench;
    const module = await operator.providers.load('test');
    const open = module.open;
    // The test cloud's groups say whose they are.
    Object.assign(module, {
      open: async (...args: Parameters<typeof open>) => ({
        ...(await open(...args)),
        inventory: async () => [...cloud.resources.values()].map((one) => (one.kind === 'Group' ? { ...one, instanceGroup: one.name } : one)),
      }),
    });
    await applyUpdate(operator, name, { kubeconfig: false });
    const preview = await deleteInstanceGroup(operator, name, 'nodes-us-test-1a', { apply: false });
    expect(preview.map((one) => one.name)).toEqual(['nodes-us-test-1a']);
    expect(await groups()).toContain('nodes-us-test-1a');
    cloud.calls.length = 0;
    await deleteInstanceGroup(operator, name, 'nodes-us-test-1a', { apply: true });
    expect(cloud.calls).toEqual(['delete Group/nodes-us-test-1a']);
    expect(await groups()).toEqual(['control-plane-us-test-1a', 'nodes-us-test-1b']);
    expect(pendingChanges((await previewUpdate(operator, name)).plan)).toEqual([]);
    expect((await failure(deleteInstanceGroup(operator, name, 'control-plane-us-test-1a', { apply: true })))?.code).toBe('LAST_CONTROL_PLANE');
    expect((await failure(deleteInstanceGroup(operator, name, 'node-us-test-1b', { apply: true })))?.suggestions[0]).toBe('Did you mean nodes-us-test-1b?');
  });

  it('go with the file they stand in; a cluster takes them along', async () => {
    const { operator } = bench;
    const { cluster, instanceGroups } = await getSpecs(operator, name);
    const workers = instanceGroups.filter((group) => group.metadata.name === 'nodes-us-test-1a');
    expect(await deleteObjects(operator, workers, { apply: true })).toMatchObject([{ object: { metadata: { name: 'nodes-us-test-1a' } } }]);
    expect(await groups()).not.toContain('nodes-us-test-1a');
    expect(await deleteObjects(operator, [cluster, ...instanceGroups], { apply: false })).toHaveLength(1);
    await deleteObjects(operator, [cluster, ...instanceGroups], { apply: true });
    expect(await getClusters(operator)).toEqual([]);
  });
});

describe('credentials', () => {
  it('for ssh are added, listed and taken away', async () => {
    const { operator } = bench;
    const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJwx3iJcFbhUBh0CyLbkPvMXBBLTPgNOaXaBEVKT6xqM ann@laptop';
    const id = await addSshPublicKey(operator, name, key);
    expect(id).toMatch(/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/);
    const keys = await listSshPublicKeys(operator, name);
    expect(keys).toEqual([{ id, publicKey: key }]);
    expect(sshPublicKeysText(keys, 'table')).toBe(`ID\n${id}\n`);
    expect((await failure(deleteSshPublicKeys(operator, name, 'ff')))?.code).toBe('SSH_KEY_NOT_FOUND');
    expect(await deleteSshPublicKeys(operator, name)).toEqual([id]);
    expect(await listSshPublicKeys(operator, name)).toEqual([]);
  });

  it('that are secret are kept as kops keeps them', async () => {
    const { operator } = bench;
    await createSecret(operator, name, 'dockerconfig', '{"auths":{}}', { force: false });
    const stored = await operator.store.objects.get(`${name}/secrets/dockerconfig`);
    expect(JSON.parse(Buffer.from(stored!.data).toString())).toEqual({ Data: Buffer.from('{"auths":{}}').toString('base64') });
    expect((await failure(createSecret(operator, name, 'dockerconfig', '{}', { force: false })))?.message).toBe(
      'failed to create the dockerconfig secret as it already exists. Pass the `--force` flag to replace an existing secret',
    );
    await createSecret(operator, name, 'dockerconfig', '{}', { force: true });
    expect((await readSecrets(operator, name, [])).map((secret) => Buffer.from(secret.data).toString())).toEqual(['{}']);
    expect(secretsText(await listSecrets(operator, name), 'table')).toBe('NAME\ndockerconfig\n');
    expect((await failure(createSecret(operator, name, 'dockerconfig', 'not json', { force: true })))?.code).toBe('INVALID_SECRET');
    expect((await failure(createSecret(operator, name, 'encryptionconfig', '- a', { force: true })))?.message).toContain('not a YAML object');
    expect((await failure(deleteSecret(operator, name, 'dockerconfg')))?.suggestions[0]).toBe('Did you mean dockerconfig?');
    await deleteSecret(operator, name, 'dockerconfig');
    expect(await listSecrets(operator, name)).toEqual([]);
  });

  it('that sign are rotated in three steps, without a moment in which nobody is believed', async () => {
    const { operator } = bench;
    const rows = () => listKeypairs(operator, name, ['kubernetes-ca'], { distrusted: true });
    const [old] = await rows();
    await (operator.environment.clock as VirtualClock).advance(1);
    const created = await createKeypair(operator, name, 'all');
    expect(created.map((key) => key.keyset)).toEqual(['kubernetes-ca', 'service-account']);
    const fresh = created[0]!.id;
    expect(BigInt(fresh) > BigInt(old!.id)).toBe(true);
    expect((await rows()).map((row) => [row.id, row.isPrimary])).toEqual([
      [old!.id, true],
      [fresh, false],
    ]);
    expect((await failure(distrustKeypairs(operator, name, 'kubernetes-ca', [old!.id])))?.message).toContain('is the primary key');
    expect(await promoteKeypair(operator, name, 'all')).toEqual(created);
    expect(await promoteKeypair(operator, name, 'all')).toEqual([]);
    expect(await distrustKeypairs(operator, name, 'kubernetes-ca')).toEqual([{ keyset: 'kubernetes-ca', id: old!.id }]);
    expect((await rows()).map((row) => row.distrustTimestamp !== undefined)).toEqual([true, false]);
    expect(await listKeypairs(operator, name, ['kubernetes-ca'], { distrusted: false })).toHaveLength(1);
    expect((await failure(promoteKeypair(operator, name, 'kubernetes-ca', old!.id)))?.message).toContain('is distrusted');
    await trustKeypairs(operator, name, 'kubernetes-ca', [old!.id]);
    await promoteKeypair(operator, name, 'kubernetes-ca', old!.id);
    expect((await rows()).find((row) => row.isPrimary)?.id).toBe(old!.id);
    expect((await failure(createKeypair(operator, name, 'kubernetes-cb')))?.suggestions[0]).toBe('Did you mean kubernetes-ca?');
    const given = { certificatePem: 'nonsense', privateKeyPem: '-----BEGIN PRIVATE KEY-----\nsecret\n' };
    expect((await failure(createKeypair(operator, name, 'kubernetes-ca', { given })))?.message).toBe('the certificate or the key for kubernetes-ca cannot be read');
  });

  it('have the tables of kops', async () => {
    const row = { name: 'kubernetes-ca', id: '1', isPrimary: true, notBefore: '2026-01-01T00:00:00Z', notAfter: '2036-01-01T00:00:00Z', hasPrivateKey: true };
    const rows = [row, { ...row, id: '0', isPrimary: false, distrustTimestamp: '2026-02-01T00:00:00Z' }];
    const text = [keypairsText(rows, 'table', { distrusted: false }), keypairsText(rows, 'table', { distrusted: true }), keypairsText(rows, 'json', { distrusted: true })];
    await expect(text.join('\n')).toMatchFileSnapshot(golden('keypairs.txt'));
  });
});

describe('an upgrade', () => {
  const version = async () => (await getSpecs(bench.operator, name)).cluster.spec.kubernetesVersion?.replace(/^v/, '');
  const from = (text: string) => editCluster(bench.operator, name, (cluster) => applySettings(cluster, { set: [`spec.kubernetesVersion=${text}`] }));

  it('goes one minor version at a time', async () => {
    const { operator } = bench;
    await from('1.33.4');
    const changes = await upgradeCluster(operator, name, { apply: false });
    expect(upgradeTable(changes)).toBe('ITEM     PROPERTY           OLD     NEW\nCluster  KubernetesVersion  1.33.4  1.34.0\n');
    expect(await version()).toBe('1.33.4');
    await upgradeCluster(operator, name, { apply: true });
    expect(await version()).toBe('1.34.0');
    expect(await failure(upgradeCluster(operator, name, { apply: true, kubernetesVersion: '1.36.0' }))).toMatchObject({
      code: 'UPGRADE_SKIPS_MINOR',
      suggestions: [`kops-ts upgrade cluster ${name} --kubernetes-version 1.35.0 --yes`],
    });
    expect((await failure(upgradeCluster(operator, name, { apply: true, kubernetesVersion: '1.33.0' })))?.code).toBe('UPGRADE_IS_DOWNGRADE');
    await upgradeCluster(operator, name, { apply: true, kubernetesVersion: 'v1.35.2' });
    expect(await version()).toBe('1.35.2');
    await upgradeCluster(operator, name, { apply: true });
    expect(await version()).toBe('1.36.0');
    expect(await upgradeCluster(operator, name, { apply: true })).toEqual([]);
  });
});

describe('the toolbox', () => {
  it('dumps specs, machines and cloud', async () => {
    const { operator } = bench;
    await applyUpdate(operator, name, { kubeconfig: false });
    const dump = await dumpCluster(operator, name);
    expect(Object.keys(dump)).toEqual(['cluster', 'instanceGroups', 'instances', 'resources']);
    expect(dump.resources.map((one) => `${one.type}/${one.name}`)).toEqual([
      'Group/control-plane-us-test-1a',
      'Group/nodes-us-test-1a',
      'Group/nodes-us-test-1b',
      `Network/${name}`,
    ]);
    expect(dump.resources[0]).toMatchObject({ id: expect.any(String), shared: false, attributes: { minSize: 1 } });
  });

  it('finds machine types, cheapest first, and makes a group of them', async () => {
    const { operator } = bench;
    const any = { vcpus: {}, memoryGib: {}, maxResults: 20 };
    const find = async (wishes: object) => (await selectMachineTypes(operator, { cluster: name }, { ...any, ...wishes })).machines.map((type) => type.name);
    expect(await find({})).toEqual(['t2.medium', 'm3.medium', 'a1.large', 'c5.large', 'm6g.xlarge', 't2.micro', 't3.medium']);
    expect(await find({ architecture: 'arm64' })).toEqual(['a1.large', 'm6g.xlarge']);
    expect(await find({ priceMax: 0.05 })).toEqual(['t2.medium']);
    expect(await find({ allow: /^t/, deny: /micro/, maxResults: 1 })).toEqual(['t2.medium']);
    expect(await find({ vcpus: { min: 3 } })).toEqual([]);
    expect((await failure(selectMachineTypes(operator, { cloud: 'test', region: 'us-test-3' }, any)))?.message).toContain('did you mean us-test-1?');
    expect((await failure(selectMachineTypes(operator, { cloud: 'test' }, { ...any, baseMachineType: 'm3.medum' })))?.message).toContain('did you mean m3.medium?');
    const { machines } = await selectMachineTypes(operator, { cluster: name }, { ...any, priceMax: 1 });
    expect(mixedInstanceGroup('workers', machines, { cluster: name, subnets: [], minSize: 1, maxSize: 4, spot: true }).spec).toMatchObject({
      machineType: 't2.medium',
      mixedInstancesPolicy: { instances: ['t2.medium', 'm3.medium'], onDemandBase: 0 },
    });
  });
});
