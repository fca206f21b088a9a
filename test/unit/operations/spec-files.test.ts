import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatObjects } from '../../../src/cli/views/objects.ts';
import { createCluster } from '../../../src/operations/create-cluster.ts';
import { deleteObjects } from '../../../src/operations/delete-objects.ts';
import { getAll } from '../../../src/operations/get-clusters.ts';
import { createObjects, replaceObjects } from '../../../src/operations/store-objects.ts';
import { parseSpecObjects } from '../../../src/spec/schema.ts';
import { type Workbench, workbench } from './test-cloud.ts';

const name = 'a.k8s.local';
const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJwx3iJcFbhUBh0CyLbkPvMXBBLTPgNOaXaBEVKT6xqM ann@laptop';
const settings = (value: string, labels = '') => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  namespace: kube-system\n${labels}data:\n  level: ${value}\n`;
const whose = `  labels:\n    kops.k8s.io/cluster: ${name}\n`;
const credential = `apiVersion: kops.k8s.io/v1alpha2\nkind: SSHCredential\nmetadata:\n${whose}spec:\n  publicKey: ${key}\n`;
const file = (...documents: string[]) => parseSpecObjects(documents.join('---\n'), 'file.yaml');

let bench: Workbench;
beforeEach(async () => {
  bench = workbench('/nowhere/kubeconfig');
});
afterEach(() => bench.cancel());

const read = async (path: string) => Buffer.from((await bench.operator.store.objects.get(`${name}/${path}`))?.data ?? []).toString();
const keys = async () => (await bench.operator.store.objects.list(`${name}/`)).keys.map((path) => path.slice(name.length + 1));
const code = (work: Promise<unknown>) => work.then(() => undefined).catch((error: { code?: string }) => error.code);

describe('SSH keys and addon objects in files', () => {
  it('lie where kops keeps them, and come back as what they were: cluster, groups, keys and addons', async () => {
    const { operator } = bench;
    const made = await createCluster(operator, { name, zones: ['us-test-1a'], dryRun: true });
    const whole = file(formatObjects([made.cluster, ...made.instanceGroups], 'yaml'), credential, settings('info'));
    expect((await createObjects(operator, whole)).map(({ verb, object }) => `${verb} ${object.kind}`)).toEqual([
      'Created Cluster',
      'Created InstanceGroup',
      'Created InstanceGroup',
      'Created SSHCredential',
      'Created ConfigMap',
    ]);
    const [, id = ''] = /pki\/ssh\/public\/admin\/([0-9a-f]{32})/.exec((await keys()).join('\n')) ?? [];
    expect(await read(`pki/ssh/public/admin/${id}`)).toBe(key);
    expect(parseSpecObjects(await read('clusteraddons/default'), 'addons')).toEqual(file(settings('info')));
    const { cluster, instanceGroups, sshCredentials, addons } = await getAll(operator, name);
    expect(sshCredentials).toMatchObject([{ metadata: { name: id, labels: { 'kops.k8s.io/cluster': name } }, spec: { publicKey: key } }]);
    const printed = formatObjects([cluster, ...instanceGroups, ...sshCredentials, ...addons], 'yaml');
    await deleteObjects(operator, parseSpecObjects(printed, 'printed'), { apply: true });
    expect(await keys()).toEqual([]);
    await createObjects(operator, parseSpecObjects(printed, 'printed'));
    const again = await getAll(operator, name);
    expect(formatObjects([again.cluster, ...again.instanceGroups, ...again.sshCredentials, ...again.addons], 'yaml')).toBe(printed);
  });

  it('are replaced and deleted one by one; the others stay', async () => {
    const { operator } = bench;
    await createCluster(operator, { name, zones: ['us-test-1a'] });
    await createObjects(operator, file(settings('info', whose), settings('other', whose).replace('name: settings', 'name: others')));
    expect(await code(createObjects(operator, file(settings('debug', whose))))).toBe('ADDON_EXISTS');
    expect(await code(replaceObjects(operator, file(settings('debug', whose).replace('name: settings', 'name: third')), { force: false }))).toBe('ADDON_NOT_FOUND');
    expect(await replaceObjects(operator, file(settings('debug', whose), credential), { force: false })).toMatchObject([{ verb: 'Replaced' }, { verb: 'Replaced' }]);
    expect((await getAll(operator, name)).addons.map(({ data }) => data)).toEqual([{ level: 'debug' }, { level: 'other' }]);
    await deleteObjects(operator, file(settings('debug', whose), credential), { apply: false });
    expect((await getAll(operator, name)).addons).toHaveLength(2);
    await deleteObjects(operator, file(settings('debug', whose), credential), { apply: true });
    const { addons, sshCredentials } = await getAll(operator, name);
    expect([addons.map(({ metadata }) => metadata.name), sshCredentials]).toEqual([['others'], []]);
  });

  it("are the cluster's of the file; a file that says none is refused", async () => {
    expect(await code(createObjects(bench.operator, file(settings('info'))))).toBe('NO_CLUSTER_LABEL');
  });

  it('a slip in the apiVersion or the kind does not make a kops object an addon', () => {
    expect(() => file('apiVersion: kps.k8s.io/v1alpha2\nkind: Clustr\nmetadata: {name: a}\nspec: {}\n')).toThrow('must be kops.k8s.io/v1alpha2');
    expect(() => file('apiVersion: kops.k8s.io/v1alpha2\nkind: Clustr\nmetadata: {name: a}\nspec: {}\n')).toThrow('did you mean Cluster?');
    expect(() => file('apiVersion: apps/v1\nkind: Cluster\nmetadata: {name: a}\nspec: {}\n')).toThrow('must be kops.k8s.io/v1alpha2');
    expect(() => file('apiVersion: apps/v1\nkind: Deployment\nmetadata: {}\n')).toThrow('metadata.name: is required');
  });
});
