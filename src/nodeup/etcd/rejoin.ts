import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import type { EtcdMember } from '../../bootstrap/machine.ts';
import type { EtcdPeer } from '../../cloud/instance.ts';
import type { Environment } from '../../lib/environment.ts';
import { messageOf } from '../../lib/errors.ts';
import { clientUrl, peerUrl } from './etcd-flags.ts';

export interface RejoinOptions {
  environment: Environment;
  clusterName: string;
  /** Who has no data. */
  member: string;
  peers: readonly EtcdPeer[];
  tls: EtcdMember['tls'];
}

/** As etcd's JSON API has it: ids are too long for numbers. */
interface ListedMember {
  ID: string;
  peerURLs?: string[];
  /** Said by a member when it starts for the first time. */
  clientURLs?: string[];
  /** Absent for one that was added and never started. */
  name?: string;
}

type Call = (method: 'list' | 'remove' | 'add', body: object) => Promise<{ members?: ListedMember[] }>;

const timeoutMs = 5_000;

/**
 * How a member begins that has no data: `new`, with all others at once, or `existing`. When the cluster had it already, its disk was lost: then it is taken
 * out of the cluster and added again, as etcd wants it, and gets everything from the others. Without this etcd would refuse to start it. Throws when
 * the others do not let that happen: too few of them run.
 */
export async function initialState(options: RejoinOptions): Promise<'new' | 'existing'> {
  const { environment, clusterName, member, peers } = options;
  const asked = peers.flatMap((peer) => (peer.member !== member && peer.address !== undefined ? [callOf(options, peer.address)] : []));
  const answers = await Promise.all(asked.map((call) => listed(call, environment)));
  const answer = answers.find((found) => found !== undefined);
  // Nobody runs: they begin together.
  if (!answer) return 'new';
  const url = peerUrl(member, clusterName);
  const { state, id } = standing(answer.members, url);
  if (state === 'awaited') return 'new';
  if (state !== 'added') {
    environment.log.warn('this member of etcd has lost its data: it begins again with what the others have', { member });
    if (id !== undefined) await answer.call('remove', { ID: id });
    await answer.call('add', { peerURLs: [url] });
  }
  return 'existing';
}

/**
 * What the others know of the member with this URL: it is one of the first and has not started yet (`awaited`), was there before (`known`), was added and
 * has not started (`added`), or is no member at all (`removed`).
 */
export function standing(members: readonly ListedMember[], url: string): { state: 'awaited' | 'known' | 'added' | 'removed'; id?: string } {
  const own = members.find(({ peerURLs = [] }) => peerURLs.includes(url));
  if (!own) return { state: 'removed' };
  if (own.clientURLs?.length) return { state: 'known', id: own.ID };
  return { state: own.name ? 'awaited' : 'added' };
}

async function listed(call: Call, { log }: Environment): Promise<{ members: ListedMember[]; call: Call } | undefined> {
  try {
    const { members = [] } = await call('list', {});
    return { members, call };
  } catch (error) {
    log.debug('a member of etcd does not say who its members are', { error: messageOf(error) });
    return undefined;
  }
}

function callOf({ environment, tls }: RejoinOptions, address: string): Call {
  const { certificateAuthority: ca, certificate: cert, privateKey: key } = tls;
  return (method, body) =>
    new Promise((resolve, reject) => {
      const asked = request(`${clientUrl(address)}/v3/cluster/member/${method}`, { method: 'POST', ca, cert, key, agent: false }, (response) => {
        text(response)
          .then((answer) => (response.statusCode === 200 ? resolve(JSON.parse(answer)) : reject(new Error(`etcd at ${address} does not ${method} members now: ${answer.trim()}`))))
          .catch(reject)
          .finally(() => timer.cancel());
      });
      const timer = environment.clock.setTimer(timeoutMs, () => asked.destroy(new Error(`etcd at ${address} does not answer`)), { background: true });
      asked.on('error', (error) => {
        timer.cancel();
        reject(error);
      });
      asked.end(JSON.stringify(body));
    });
}
