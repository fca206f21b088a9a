import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AttachVolumeCommand, DescribeInstancesCommand, DescribeVolumesCommand, type Volume } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attachEtcdVolume, etcdPeers } from '../../../providers/aws/machine/etcd-volume.ts';
import type { OwnMetadata } from '../../../src/cloud/instance.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { SeededRandom } from '../../../src/lib/random.ts';
import { cluster, mockedAws } from './aws-mocks.ts';

const self = { instanceId: 'i-1', zone: 'us-east-1a' } as OwnMetadata;

/** Volumes of etcd as EC2 has them; attaching takes one more look, detaching happens when the test says so. */
class Disks {
  readonly volumes: Volume[] = [];
  readonly attached: unknown[] = [];
  readonly looks: unknown[] = [];
  /** Another instance that is faster the next time. */
  thief: string | undefined;

  add(id: string, member: string, holder?: string): Volume {
    const volume: Volume = {
      VolumeId: id,
      State: 'available',
      Attachments: [],
      Tags: [
        { Key: 'Name', Value: `${member}.etcd-main.${cluster}` },
        { Key: 'k8s.io/etcd/main', Value: `${member}/a,b` },
      ],
    };
    if (holder) this.hold(volume, holder, 'attached');
    this.volumes.push(volume);
    return volume;
  }

  hold(volume: Volume, InstanceId: string, State: 'attaching' | 'attached', Device = '/dev/xvdu'): void {
    volume.State = 'in-use';
    volume.Attachments = [{ InstanceId, State, Device }];
  }
}

describe('the disk of etcd on EC2', () => {
  let root = '';
  let clock: VirtualClock;
  let disks: Disks;
  let mock: ReturnType<typeof mockedAws>;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'kops-ts-dev-'));
    mkdirSync(join(root, 'dev/disk/by-id'), { recursive: true });
    clock = new VirtualClock();
    disks = new Disks();
    mock = mockedAws();
    mock.ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances: [{ BlockDeviceMappings: [{ DeviceName: '/dev/xvda' }, { DeviceName: '/dev/xvdu' }] }] }] });
    mock.ec2.on(DescribeVolumesCommand).callsFake((input) => {
      disks.looks.push(input.Filters);
      const found = structuredClone(disks.volumes);
      for (const { Attachments = [] } of disks.volumes) for (const attachment of Attachments) attachment.State = 'attached';
      return { Volumes: found };
    });
    mock.ec2.on(AttachVolumeCommand).callsFake((input) => {
      disks.attached.push(input);
      const volume = disks.volumes.find(({ VolumeId }) => VolumeId === input.VolumeId);
      if (volume && disks.thief) disks.hold(volume, disks.thief, 'attached');
      disks.thief = undefined;
      if (volume?.State !== 'available') throw Object.assign(new Error('in use'), { name: 'VolumeInUse', $metadata: { httpStatusCode: 400 } });
      disks.hold(volume, input.InstanceId, 'attaching', input.Device);
    });
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const device = (path: string) => writeFileSync(join(root, path), '');
  const options = () => ({
    aws: mock.aws,
    environment: { clock, random: new SeededRandom(1), log: silentLog, signal: mock.context.signal, variables: {} },
    clusterName: cluster,
    root,
  });
  const attach = () => attachEtcdVolume(options(), 'main', self);
  /** Lets it wait as often as it has to. */
  async function settled<T>(work: Promise<T>, steps = 10): Promise<T> {
    let done = false;
    const result = work.finally(() => {
      done = true;
    });
    for (let step = 0; step < steps && !done; step++) {
      await expect.poll(() => done || clock.waiting > 0).toBe(true);
      if (!done) await clock.advance(2_000);
    }
    return result;
  }

  it('is attached under a name that is free, and shows by its id', async () => {
    disks.add('vol-0b', 'b', 'i-2');
    disks.add('vol-0a', 'a');
    device('dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0a');
    expect(await settled(attach())).toEqual({ name: `a.etcd-main.${cluster}`, member: 'a', device: `${root}/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0a` });
    expect(disks.attached).toEqual([{ VolumeId: 'vol-0a', InstanceId: 'i-1', Device: '/dev/xvdv' }]);
    expect(disks.looks[0]).toEqual([
      { Name: 'tag:KubernetesCluster', Values: [cluster] },
      { Name: 'tag-key', Values: ['k8s.io/etcd/main'] },
      { Name: 'availability-zone', Values: ['us-east-1a'] },
    ]);
  });

  it('stays what it was after a restart, and shows by its name on older machine types', async () => {
    disks.add('vol-0a', 'a');
    disks.add('vol-0b', 'b', 'i-1');
    device('dev/xvdu');
    expect(await attach()).toEqual({ name: `b.etcd-main.${cluster}`, member: 'b', device: `${root}/dev/xvdu` });
    expect(disks.attached).toEqual([]);
  });

  it('is waited for while the instance before has it', async () => {
    const volume = disks.add('vol-0a', 'a', 'i-0');
    device('dev/xvdv');
    const attaching = attach();
    await expect.poll(() => clock.waiting).toBe(1);
    await clock.advance(2_000);
    expect(disks.attached).toEqual([]);
    Object.assign(volume, { State: 'available', Attachments: [] });
    expect(await settled(attaching)).toMatchObject({ name: `a.etcd-main.${cluster}` });
  });

  it('that another instance gets first is waited for as well', async () => {
    const volume = disks.add('vol-0a', 'a');
    device('dev/xvdv');
    disks.thief = 'i-9';
    const attaching = attach();
    await expect.poll(() => clock.waiting).toBe(1);
    Object.assign(volume, { State: 'available', Attachments: [] });
    expect(await settled(attaching)).toMatchObject({ device: `${root}/dev/xvdv` });
  });

  it('that does not exist is an error at once', async () => {
    await expect(attach()).rejects.toMatchObject({ class: 'notFound', message: 'no disk of the etcd cluster main lies in us-east-1a' });
  });

  it('tells where the members are: the addresses of the machines that have their disks', async () => {
    disks.add('vol-0a', 'a', 'i-1');
    disks.add('vol-0b', 'b', 'i-2');
    disks.add('vol-0c', 'c');
    const running = [
      { InstanceId: 'i-1', PrivateIpAddress: '10.0.0.1' },
      { InstanceId: 'i-2', PrivateIpAddress: '10.0.0.2' },
    ];
    mock.ec2
      .on(DescribeInstancesCommand, {
        Filters: [
          { Name: 'instance-id', Values: ['i-1', 'i-2'] },
          { Name: 'instance-state-name', Values: ['pending', 'running'] },
        ],
      })
      .resolves({ Reservations: [{ Instances: running }] });
    expect(await etcdPeers(options(), 'main')).toEqual([{ member: 'a', address: '10.0.0.1' }, { member: 'b', address: '10.0.0.2' }, { member: 'c' }]);
    running.pop();
    expect(await etcdPeers(options(), 'main'), 'a machine that has ended').toEqual([{ member: 'a', address: '10.0.0.1' }, { member: 'b' }, { member: 'c' }]);
  });
});
