import { describe, expect, it } from 'vitest';
import type { Machine } from '../../../src/bootstrap/machine.ts';
import type { NodeConfig } from '../../../src/bootstrap/node-config.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { createMemoryDisk } from '../../../src/lib/memory-disk.ts';
import type { Boot } from '../../../src/nodeup/boot-node.ts';
import { openStore } from '../../../src/nodeup/open-store.ts';

/** Opens the store of a machine whose etcd volume holds this already. */
function open(store: 'wal' | 'etcd', etcdVolumeHolds: NonNullable<Machine['etcdVolumeHolds']>) {
  const volumes = new Map([['a.etcd-main.demo.example.com', createMemoryDisk()]]);
  const environment = { clock: new VirtualClock(), log: silentLog, signal: new AbortController().signal };
  const machine = { environment, metadata: { instanceId: 'i-1' }, volumes, etcdVolumeHolds };
  const config = { clusterName: 'demo.example.com', instanceGroup: 'cp' } as NodeConfig;
  return openStore({ machine } as unknown as Boot, config, { store } as NonNullable<NodeConfig['controlPlane']>);
}

describe('the volume of etcd', () => {
  it.each(['nothing', 'log'] as const)('with %s on it serves a control plane of one member', async (holds) => {
    const store = await open('wal', holds);
    expect(store.revision()).toBe(1);
    await store.close();
  });

  it.each([
    ['etcd', 'log', /holds the log of a control plane of one member/],
    ['wal', 'etcd', /holds the data of a member of etcd/],
    ['etcd', 'foreign', /etcd-manager of kops/],
    ['wal', 'foreign', /etcd-manager of kops/],
  ] as const)('is not begun anew for %s when it has %s: the error says why, and the way out', async (engine, holds, why) => {
    await expect(open(engine, holds)).rejects.toMatchObject({
      code: 'STORE_CHANGED',
      message: expect.stringMatching(why),
      suggestions: [expect.stringContaining('put the members of spec.etcdClusters back'), expect.stringContaining('make a second cluster')],
    });
  });

  it('is of no use for etcd where machines run no programs', async () => {
    await expect(open('etcd', 'nothing')).rejects.toMatchObject({ code: 'UNSUPPORTED_STORE' });
  });
});
