import { beforeAll, describe, expect, it } from 'vitest';
import { admitNode, type JoinAuthority, type JoinRequest, joinAudience } from '../../../src/bootstrap/join.ts';
import type { NodeConfig } from '../../../src/bootstrap/node-config.ts';
import type { VerifiedIdentity } from '../../../src/cloud/instance.ts';
import { realClock } from '../../../src/lib/clock.ts';
import { systemRandom } from '../../../src/lib/random.ts';
import { authorityOf, createKeyset, keysetNames } from '../../../src/pki/keyset.ts';
import { nodeKeys } from './node-keys.ts';

const worker: VerifiedIdentity = {
  instanceId: 'i-1',
  clusterName: 'demo.example.com',
  instanceGroup: 'nodes',
  role: 'Node',
  nodeName: 'ip-10-0-0-5.ec2.internal',
  privateIp: '10.0.0.5',
};

describe('joining a cluster', () => {
  let authority: JoinAuthority;
  let request: JoinRequest;
  let identity = worker;
  let ready = false;

  beforeAll(async () => {
    const environment = { clock: realClock, random: systemRandom };
    authority = {
      verifyIdentity: async (token, audience) => {
        if (token !== `signed ${audience}`) throw new Error('made for another request');
        return identity;
      },
      isReady: async () => ready,
      nodeConfig: async (instanceGroup) => ({ instanceGroup }) as NodeConfig,
      certificates: authorityOf(await createKeyset(keysetNames.certificateAuthority, environment), environment),
      trustBundle: 'ca',
      clusterName: worker.clusterName,
    };
    request = { instanceGroup: 'nodes', publicKeys: nodeKeys() };
  });

  const join = (changes: { identity?: Partial<VerifiedIdentity>; ready?: boolean; token?: string } = {}) => {
    identity = { ...worker, ...changes.identity };
    ready = changes.ready ?? false;
    return admitNode(request, changes.token ?? `signed ${joinAudience(request)}`, authority);
  };

  it('gives a worker the name that the cloud has for it, its document and its certificates', async () => {
    const answer = await join();
    expect(answer).toMatchObject({ nodeName: worker.nodeName, nodeConfig: { instanceGroup: 'nodes' }, certificateAuthority: 'ca' });
    expect(Object.values(answer.certificates)).toEqual([expect.stringContaining('BEGIN CERTIFICATE'), expect.stringContaining('BEGIN CERTIFICATE')]);
  });

  it.each([
    ['another cluster', { identity: { clusterName: 'other.example.com' } }, 'it belongs to the cluster other.example.com'],
    ['a control plane', { identity: { role: 'ControlPlane' as const } }, 'only workers join'],
    ['another group', { identity: { instanceGroup: 'gpu' } }, 'it belongs to the instance group gpu, not nodes'],
    ['an instance that has joined', { ready: true }, 'its node ip-10-0-0-5.ec2.internal is ready already'],
    ['whoever has the proof for another request', { token: 'signed else' }, 'made for another request'],
  ])('refuses %s', async (_who, changes, message) => {
    await expect(join(changes)).rejects.toThrow(message);
  });
});
