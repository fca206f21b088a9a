import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { realClock } from '../../src/lib/clock.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { openFileObjectStore } from '../../src/state/file-object-store.ts';
import { forgetMemoryObjects, openMemoryObjectStore } from '../../src/state/memory-object-store.ts';
import { objectStoreContract } from './object-store.ts';

const root = mkdtempSync(join(tmpdir(), 'kops-ts-state-'));
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
  forgetMemoryObjects('contract');
});

objectStoreContract('memory', async () => openMemoryObjectStore('contract', realClock));
objectStoreContract('file', async () => openFileObjectStore(join(root, 'not', 'there', 'yet'), { clock: realClock, random: systemRandom }));
