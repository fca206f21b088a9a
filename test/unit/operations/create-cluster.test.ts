import { describe, expect, it } from 'vitest';
import type { Facts } from '../../../src/cloud/provider.ts';
import type { Cluster } from '../../../src/spec/types.ts';
import { createClusterByFlags } from '../../oracle/create-cluster-by-flags.ts';

const facts: Facts = {
  networks: { 'vpc-1': { cidrs: ['10.0.0.0/16'] }, 'vpc-2': { cidrs: ['10.2.0.0/16'] } },
  subnets: {
    'subnet-a': { cidr: '10.0.1.0/24', zone: 'us-east-1a', networkId: 'vpc-1' },
    'subnet-a2': { cidr: '10.0.2.0/24', zone: 'us-east-1a', networkId: 'vpc-1' },
    'subnet-far': { cidr: '10.2.1.0/24', zone: 'us-east-1b', networkId: 'vpc-2' },
  },
};
const create = (...words: string[]) => createClusterByFlags('a.example.com', ['--zones=us-east-1a', ...words], facts);

describe('a cluster in a network that exists', () => {
  it('finds network and blocks from its subnets', async () => {
    const [cluster] = await create('--subnets=subnet-a');
    expect(cluster?.spec).toMatchObject({ networkID: 'vpc-1', networkCIDR: '10.0.0.0/16', subnets: [{ id: 'subnet-a', cidr: '10.0.1.0/24', name: 'us-east-1a' }] });
  });

  it.each([
    ['--network-id=vpc-3', 'network vpc-3 is not in the facts: did you mean vpc-1?'],
    ['--subnets=subnet-b', 'subnet subnet-b does not exist: did you mean subnet-a?'],
    ['--subnets=subnet-a,subnet-a2', 'subnets subnet-a and subnet-a2 have the same zone us-east-1a'],
    ['--subnets=subnet-a,subnet-far', 'subnet subnet-far is in network vpc-2, not in vpc-1'],
  ])('refuses %s', (flag, message) => expect(create(flag)).rejects.toThrow(message));
});

describe('subnets of a new cluster', () => {
  it("leave room for zones that come later, unless they are to lie as kops' do", async () => {
    const first = async (...words: string[]) => {
      const [cluster] = (await create(...words)) as [Cluster];
      return cluster.spec.subnets?.[0]?.cidr;
    };
    expect(await first()).toBe('172.20.0.0/19');
    expect(await first('--subnet-layout=kops')).toBe('172.20.0.0/16');
  });
});
