import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { awsCatalog } from '../../../providers/aws/catalog.ts';
import type { Facts } from '../../../src/cloud/provider.ts';
import { createClusterByFlags } from '../../oracle/create-cluster-by-flags.ts';
import { runUpdateCases, updateAsTerraform } from '../../oracle/update-cases.ts';
import { compactTerraform, differenceOf } from './compact-terraform.ts';

const facts: Facts = {
  zones: ['us-test-1a', 'us-test-1b', 'us-test-1c'],
  account: { id: '111122223333', partition: 'aws' },
  networks: { 'vpc-1': { cidrs: ['10.0.0.0/16'], internetGatewayId: 'igw-1' } },
  subnets: {
    'subnet-1': { cidr: '10.0.1.0/24', zone: 'us-test-1a', networkId: 'vpc-1' },
    'subnet-2': { cidr: '10.0.2.0/24', zone: 'us-test-1a', networkId: 'vpc-1' },
  },
  hostedZones: {
    'example.com': [
      { id: 'ZPUBLIC', private: false },
      { id: 'ZPRIVATE', private: true, networkIds: ['vpc-9'] },
    ],
  },
  images: Object.fromEntries(
    (['amd64', 'arm64'] as const).map((architecture) => [awsCatalog.defaults.image(architecture), { id: `ami-${architecture}`, architecture, rootDevice: '/dev/sda1' }]),
  ),
};

const clusterName = 'shop.example.com';
const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA6Y2VkTqLSvYvwcUoT6Ck1mN7y3O8m7dPTM8yyqRcXh shop';
const one = '--zones us-test-1a --networking cni';
const three = '--zones us-test-1a,us-test-1b,us-test-1c';
const dns = '--dns public --dns-zone example.com';

/** Command lines as people type them; the name's golden is how the configuration of what they make differs from that of the plainest. */
const cases: Record<string, string> = {
  named: `${one} ${dns}`,
  'ha-private-bastion': `${three} --control-plane-count 3 --topology private --bastion --networking cilium`,
  calico: `${one.replace('cni', 'calico')} ${dns} --topology private --bastion`,
  'cilium-etcd': `${one.replace('cni', 'cilium-etcd')} --etcd-clusters main,events,cilium`,
  ipv6: `${one.replace('cni', 'calico')} --ipv6 ${dns}`,
  'ipv6-public': '--zones us-test-1a --networking cilium --ipv6 --topology public',
  'private-names': `${one} --topology private --dns private --dns-zone example.com --api-loadbalancer-type internal`,
  'shared-network': `${one} ${dns} --network-id vpc-1`,
  'shared-subnets': `${one} ${dns} --topology private --network-id vpc-1 --subnets subnet-1 --utility-subnets subnet-2`,
  'instance-egress': `${one} --topology private --egress i-0123456789abcdef0`,
  inside: `${one} ${dns} --topology private --bastion --egress tgw-1 --network-cidr 10.0.0.0/16,10.1.0.0/16 --ssh-access 192.0.2.0/24,pl-2 --api-loadbalancer-type internal --set cluster.spec.topology.bastion.loadBalancer.type=Internal --set cluster.spec.api.loadBalancer.securityGroupOverride=sg-8`,
  'external-egress': `${one} --topology private --egress External`,
  certificate: `${one} ${dns} --api-loadbalancer-type public --api-ssl-certificate arn:aws:acm:us-test-1:1:certificate/1 --admin-access 192.0.2.0/24,pl-1 --set cluster.spec.nodePortAccess=198.51.100.0/24`,
  'groups-of-others': `${one} ${dns} --node-security-groups sg-2,sg-1 --set instancegroup.spec.securityGroupOverride=sg-9`,
  'api-servers': `${one} ${dns} --api-server-count 1`,
  'mixed-instances': `${one} ${dns} --node-size m5.large,c5.large`,
  'warm-pool': `${one} ${dns} --set cluster.spec.warmPool.minSize=1`,
  'imds-termination': `${one} ${dns} --set cluster.spec.nodeTerminationHandler.enableSQSTerminationDraining=false`,
};

async function configured(line: string): Promise<string[]> {
  const objects = await createClusterByFlags(clusterName, ['--cloud', 'aws', '--kubernetes-version', 'v1.35.0', '--subnet-layout', 'kops', ...line.split(' ')], facts);
  return compactTerraform(await updateAsTerraform(objects, [key], facts), clusterName);
}

const golden = (name: string) => join(import.meta.dirname, `../../golden/terraform/${name}.txt`);

describe('update cluster --target terraform', () => {
  it('has every resource', async () => {
    await expect(`${(await configured(one)).join('\n')}\n`).toMatchFileSnapshot(golden('plain'));
  });

  it.each(Object.entries(cases))('%s', async (name, line) => {
    const difference = differenceOf(await configured(line), await configured(one));
    await expect(`${difference.join('\n')}\n`).toMatchFileSnapshot(golden(name));
  });
});

const oracle = join(process.env.KOPS_TS_ORACLE ?? join(import.meta.dirname, '../../../../shared/oracle'), 'kops');

describe.skipIf(!existsSync(oracle))("update cluster against kops' own cases (needs them: KOPS_TS_ORACLE)", () => {
  it('differs nowhere', async () => {
    const results = await runUpdateCases(oracle);
    expect(results.length).toBeGreaterThan(0);
    expect(results.filter(({ differences }) => differences.length > 0)).toEqual([]);
  });
});
