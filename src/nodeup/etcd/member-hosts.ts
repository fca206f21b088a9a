import { dirname, join } from 'node:path';
import type { EtcdPeer } from '../../cloud/instance.ts';
import type { Environment } from '../../lib/environment.ts';
import { messageOf } from '../../lib/errors.ts';
import { createNodeDisk } from '../../lib/node-disk.ts';
import { readText } from '../node-config.ts';
import { etcdHost, etcdName } from './etcd-flags.ts';
import { withHosts } from './hosts-file.ts';

export interface MemberHostsOptions {
  environment: Environment;
  clusterName: string;
  members: readonly string[];
  self: { member: string; ip: string };
  /** Where members are, as far as the cloud knows. */
  peers(): Promise<EtcdPeer[]>;
  everyMs: number;
  /** The machine's hosts file. */
  file: string;
}

/** etcd-manager's own words: whoever looks for them in /etc/hosts finds them. */
const owner = 'kops-ts[etcd]';

/**
 * Gives the names of members the addresses that they have now, in the machine's hosts file: that is where etcd looks whenever it calls or is called.
 * Resolves when they stand there for the first time, and follows them until `stop`. A member that has no machine keeps its last address.
 */
export async function followMembers(options: MemberHostsOptions): Promise<{ stop(): Promise<void> }> {
  const { environment, members, self, everyMs } = options;
  const { clock, log } = environment;
  const stopping = new AbortController();
  const known = new Map([[self.member, self.ip]]);

  const look = async (): Promise<void> => {
    const before = describe(members, known);
    const found = await options.peers().catch((error: unknown) => {
      log.warn('where the members of etcd are cannot be seen now', { error: messageOf(error) });
      return [];
    });
    for (const { member, address } of found) if (address !== undefined && member !== self.member) known.set(member, address);
    await writeHosts(options, known);
    const now = describe(members, known);
    if (now !== before || known.size < members.length) log.info('members of etcd', { members: now });
  };
  await look();
  const following = (async () => {
    for (;;) {
      await clock.sleep(everyMs, stopping.signal);
      await look().catch((error: unknown) => log.warn('the hosts file cannot be written', { file: options.file, error: messageOf(error) }));
    }
  })().catch(() => undefined);
  const stop = () => stopping.abort();
  environment.signal.addEventListener('abort', stop, { once: true });
  return {
    stop: async () => {
      stop();
      await following;
      environment.signal.removeEventListener('abort', stop);
    },
  };
}

function describe(members: readonly string[], known: ReadonlyMap<string, string>): string {
  return members.map((member) => `${etcdName(member)} ${known.get(member) ?? '(no machine yet)'}`).join(', ');
}

async function writeHosts({ clusterName, members, file }: MemberHostsOptions, known: ReadonlyMap<string, string>): Promise<void> {
  const disk = createNodeDisk(dirname(file));
  const name = file.slice(dirname(file).length + 1);
  const text = (await readText(disk, name)) ?? '';
  const entries = members.flatMap((member) => {
    const ip = known.get(member);
    return ip === undefined ? [] : [{ ip, name: etcdHost(member, clusterName) }];
  });
  const wanted = withHosts(text, owner, entries);
  if (wanted !== text) await disk.writeFile(name, Buffer.from(wanted), { mode: 0o644 });
}

export function hostsFile(root: string): string {
  return join(root, '/etc/hosts');
}
