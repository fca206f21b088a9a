import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { HttpsClient } from '../../src/kube/https-client.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import { resourceTypes } from '../../src/kube/resource-types.ts';
import { EtcdCloud, etcdMachinesMissing } from './etcd-cloud.ts';

/** Of this process alone: other test runs on the machine have others. */
const block = `127.${130 + (process.pid % 50)}`;

describe.skipIf(etcdMachinesMissing)(`control planes on three machines form a cluster of etcd${etcdMachinesMissing}`, () => {
  const cloud = new EtcdCloud(block, ['a', 'b', 'c']);
  let apis: HttpsClient[] = [];

  beforeAll(async () => {
    await cloud.prepare();
    apis = [cloud.launch('i-1', 'a', 11), cloud.launch('i-2', 'b', 12), cloud.launch('i-3', 'c', 13)];
  });
  afterAll(() => cloud.remove());

  const eventually = <T>(what: string, look: () => Promise<T>): Promise<T> =>
    vi.waitFor(() => look().catch((error: unknown) => Promise.reject(new Error(`${what}: ${error}\n${cloud.logs()}`))), { timeout: 30_000, interval: 100 });
  const configMap = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } }) as KubeObject;
  const api = (index: number) => apis[index] as HttpsClient;
  const write = (index: number, name: string) => api(index).create(resourceTypes.configMaps, configMap(name));
  const names = async (index: number) => (await api(index).list<KubeObject>(resourceTypes.configMaps, { namespace: 'default' })).items.map(({ metadata }) => metadata.name);

  it('which answers through each of its API servers with the same objects', async () => {
    await Promise.all([0, 1, 2].map((index) => eventually(`API server ${index} writes`, () => write(index, `by-${index}`))));
    for (const index of [0, 1, 2]) expect(await names(index)).toEqual(expect.arrayContaining(['by-0', 'by-1', 'by-2']));
  });

  it('whose members know each other by names that stay', () => {
    const hosts = ['a', 'b', 'c'].map((member, i) => `${block}.0.${11 + i}\tetcd-${member}.internal.ha.example.com`);
    for (const machine of ['i-1', 'i-2', 'i-3']) expect(cloud.read(machine, 'etc/hosts').split('\n')).toEqual(expect.arrayContaining(hosts));
  });

  it('that goes on when a machine dies', async () => {
    await cloud.powerOff('i-1');
    await eventually('a write without one of three', () => write(1, 'without-a'));
    await eventually('the other one', async () => expect(await names(2)).toContain('without-a'));
  });

  it('that refuses writes when two are dead, and goes on when one returns as another machine with the same disk', async () => {
    await cloud.powerOff('i-2');
    await expect(write(2, 'refused'), cloud.logs()).rejects.toThrow(/not available/);
    cloud.terminate('i-1');
    apis[3] = cloud.launch('i-4', 'a', 14);
    await eventually('a write through the new machine', () => write(3, 'by-3'));
    expect(await names(3), 'what it had, and what it missed').toEqual(expect.arrayContaining(['by-0', 'without-a', 'by-3']));
    await eventually('the one that stayed', async () => expect(await names(2)).toContain('by-3'));
    expect(cloud.read('i-3', 'etc/hosts')).toContain(`${block}.0.14\tetcd-a.internal.ha.example.com`);
  });

  it('whose member gets everything from the others when its disk was lost', async () => {
    cloud.terminate('i-2');
    cloud.blank('b');
    apis[4] = cloud.launch('i-5', 'b', 15);
    await eventually('a write through a member with a new disk', () => write(4, 'by-4'));
    expect(await names(4)).toEqual(expect.arrayContaining(['by-0', 'by-1', 'by-2', 'without-a', 'by-3', 'by-4']));
  });

  it('whose members end with nodeup', async () => {
    expect(await cloud.stop('i-4'), cloud.log('i-4')).toBe(0);
    expect(cloud.log('i-4')).toMatch(/received terminated signal/);
  });
});
