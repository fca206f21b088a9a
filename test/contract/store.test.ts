import { createMemoryStore } from '../../src/control-plane/store/memory-store.ts';
import { SharedStore } from '../../src/control-plane/store/shared/shared-store.ts';
import { openWalStore } from '../../src/control-plane/store/wal/wal-store.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import { silentLog } from '../../src/lib/log.ts';
import { createMemoryDisk } from '../../src/lib/memory-disk.ts';
import { storeContract } from './store.ts';

storeContract('memory', async () => {
  const clock = new VirtualClock();
  return { store: createMemoryStore({ clock }), clock };
});

storeContract('wal', async () => {
  const clock = new VirtualClock();
  return { store: await openWalStore({ disk: createMemoryDisk(), clock, log: silentLog }), clock };
});

storeContract('wal with a snapshot every few writes', async () => {
  const clock = new VirtualClock();
  return { store: await openWalStore({ disk: createMemoryDisk(), clock, log: silentLog, segmentBytes: 64 }), clock };
});

storeContract('shared by three members, seen from one', async () => {
  const clock = new VirtualClock();
  const shared = new SharedStore({ members: 3, clock, log: silentLog });
  const { signal } = new AbortController();
  const [store] = await Promise.all(['a', 'b', 'c'].map((name) => shared.join(name, createMemoryDisk(), signal)));
  if (!store) throw new Error('no member joined');
  return { store, clock };
});
