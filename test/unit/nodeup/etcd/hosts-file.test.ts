import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EtcdPeer } from '../../../../src/cloud/instance.ts';
import { VirtualClock } from '../../../../src/lib/clock.ts';
import { silentLog } from '../../../../src/lib/log.ts';
import { SeededRandom } from '../../../../src/lib/random.ts';
import { withHosts } from '../../../../src/nodeup/etcd/hosts-file.ts';
import { followMembers } from '../../../../src/nodeup/etcd/member-hosts.ts';

describe('the hosts file', () => {
  const entries = [{ ip: '10.0.0.1', name: 'etcd-a.internal.demo.example.com' }];
  const block = ['# Begin host entries managed by us - do not edit', '10.0.0.1\tetcd-a.internal.demo.example.com', '# End host entries managed by us', ''].join('\n');

  it.each([
    ['an empty one', '', block],
    ['one without an end of line', '127.0.0.1 localhost', `127.0.0.1 localhost\n${block}`],
    ['entries from before', `127.0.0.1 localhost\n${block.replaceAll('10.0.0.1', '10.9.9.9')}::1 localhost\n`, `127.0.0.1 localhost\n::1 localhost\n${block}`],
    ['entries that are there twice', block + block, block],
    ['a mark whose end is missing', '# Begin host entries managed by us - do not edit\n::1 localhost\n', `::1 localhost\n${block}`],
    [
      "somebody else's entries",
      '# Begin host entries managed by kops - do not edit\n# End host entries managed by kops\n',
      `# Begin host entries managed by kops - do not edit\n# End host entries managed by kops\n${block}`,
    ],
  ])('%s', (_what, before, after) => expect(withHosts(before, 'us', entries)).toBe(after));

  it('is the same when it is written again, and every other line stays', () => {
    const lines = fc.array(fc.stringMatching(/^[\t -~]*$/), { maxLength: 6 });
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const text = [...before, ''].join('\n') + block + [...after, ''].join('\n');
        const once = withHosts(text, 'us', entries);
        expect(withHosts(once, 'us', entries)).toBe(once);
        expect(withHosts(once, 'us', []).split('\n')).toEqual(expect.arrayContaining([...before, ...after]));
      }),
    );
  });
});

describe('names of members', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kops-ts-hosts-'));
    writeFileSync(join(folder, 'hosts'), '127.0.0.1 localhost\n');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('have the addresses that the cloud tells, also after a machine was replaced; what cannot be seen now stays', async () => {
    const clock = new VirtualClock();
    let peers: EtcdPeer[] | undefined = [{ member: 'a', address: '10.0.0.9' }, { member: 'b', address: '10.0.0.2' }, { member: 'c' }];
    const following = await followMembers({
      environment: { clock, random: new SeededRandom(1), log: silentLog, signal: new AbortController().signal, variables: {} },
      clusterName: 'demo.example.com',
      members: ['a', 'b', 'c'],
      self: { member: 'a', ip: '10.0.0.1' },
      peers: async () => peers ?? Promise.reject(new Error('throttled')),
      everyMs: 10_000,
      file: join(folder, 'hosts'),
    });
    const names = () =>
      readFileSync(join(folder, 'hosts'), 'utf8')
        .split('\n')
        .filter((line) => line.includes('etcd-') && !line.startsWith('#'));
    const host = (ip: string, member: string) => `${ip}\tetcd-${member}.internal.demo.example.com`;
    expect(names(), 'itself it knows best').toEqual([host('10.0.0.1', 'a'), host('10.0.0.2', 'b')]);
    const later = async (expected: string[], found: EtcdPeer[] | undefined) => {
      peers = found;
      await expect.poll(() => clock.waiting).toBe(1);
      await clock.advance(10_000);
      await expect.poll(names).toEqual(expected);
    };
    await later([host('10.0.0.1', 'a'), host('10.0.0.2', 'b'), host('10.0.0.3', 'c')], [{ member: 'b' }, { member: 'c', address: '10.0.0.3' }]);
    await later([host('10.0.0.1', 'a'), host('10.0.0.2', 'b'), host('10.0.0.3', 'c')], undefined);
    await later([host('10.0.0.1', 'a'), host('10.0.0.7', 'b'), host('10.0.0.3', 'c')], [{ member: 'b', address: '10.0.0.7' }]);
    await following.stop();
    expect(clock.waiting).toBe(0);
  });
});
