import { writeSync } from 'node:fs';
import { openWalStore } from '../../../src/control-plane/store/wal/wal-store.ts';
import { realClock } from '../../../src/lib/clock.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { createNodeDisk } from '../../../src/lib/node-disk.ts';

/** Writes to a store until it is killed; prints the revision of each write once it is acknowledged. */
const store = await openWalStore({ disk: createNodeDisk(process.argv[2] ?? ''), clock: realClock, log: silentLog, segmentBytes: 20_000 });
const value = new Uint8Array(200);
for (;;) {
  const writes = Array.from({ length: 8 }, (_, i) => store.transaction([], [{ type: 'put', key: `k${store.revision()}-${i}`, value }]));
  for (const write of writes) writeSync(1, `${(await write).revision}\n`);
}
