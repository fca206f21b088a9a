import { describe, expect, it } from 'vitest';
import { apiServersOf, followApiServers } from '../../../src/control-plane/api-servers.ts';
import { createMemoryStore } from '../../../src/control-plane/store/memory-store.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { SeededRandom } from '../../../src/lib/random.ts';

describe('API servers that share a store', () => {
  it('publish all of them: whoever comes, who says goodbye at once, and who dies soon after', async () => {
    const clock = new VirtualClock();
    const store = createMemoryStore({ clock });
    let published: string[] = [];
    const server = (ip: string, alive = store) =>
      followApiServers({
        store: alive,
        environment: { clock, random: new SeededRandom(1), log: silentLog, signal: new AbortController().signal, variables: {} },
        self: { ip, port: 443 },
        publish: async (addresses) => {
          published = addresses.map((address) => address.ip);
        },
      });
    /** Its keys stay as long as their lease. */
    let power = true;
    const mortal = Object.assign(Object.create(store), { keepAliveLease: (id: number) => (power ? store.keepAliveLease(id) : Promise.reject(new Error('no power'))) });
    const first = server('10.0.0.1');
    const second = server('10.0.0.2');
    server('10.0.0.3', mortal);
    await clock.advance(60_000);
    expect(published).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3']);
    expect(await apiServersOf(store)).toContainEqual({ ip: '10.0.0.2', port: 443 });
    await second.stop();
    expect(published).toEqual(['10.0.0.1', '10.0.0.3']);
    power = false;
    await clock.advance(30_000);
    expect(published).toEqual(['10.0.0.1']);
    await first.stop();
    expect(published, 'nobody is left to tell').toEqual(['10.0.0.1']);
  });
});
