import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatObjects } from '../../../src/cli/views/objects.ts';
import type { Facts } from '../../../src/cloud/provider.ts';
import { runCreateCases } from '../../oracle/create-cases.ts';
import { createClusterByFlags } from '../../oracle/create-cluster-by-flags.ts';

const facts: Facts = {
  zones: ['us-test-1a', 'us-test-1b', 'us-test-1c'],
  networks: { 'vpc-12345678': { cidrs: ['10.0.0.0/12'] } },
  subnets: {
    'subnet-1': { cidr: '10.10.0.0/24', zone: 'us-test-1a', networkId: 'vpc-12345678' },
    'subnet-2': { cidr: '10.11.0.0/24', zone: 'us-test-1a', networkId: 'vpc-12345678' },
  },
  machineTypes: { 'm3.medium': { architecture: 'amd64', vcpus: 1, memoryGib: 3.75 } },
  defaultMachineTypes: { 'control-plane': 'm3.medium', node: 't2.medium', bastion: 't2.micro' },
};

const three = '--zones us-test-1a,us-test-1b,us-test-1c';
const one = '--zones us-test-1a';

/** Command lines as people type them; the name's golden is what they make. */
const cases: Record<string, string> = {
  minimal: `${one} --networking cni`,
  'minimal-arm64': `${one} --networking cni --node-size m6g.xlarge --control-plane-size m6g.xlarge`,
  ha: `${three} --control-plane-zones us-test-1a,us-test-1b,us-test-1c --networking cni`,
  'ha-shared-zones': '--zones us-test-1a,us-test-1b --control-plane-count 5 --networking cni',
  complex: `${three} --control-plane-count 3 --node-count 10 --networking cni --network-cidr 10.0.0.0/16,10.1.0.0/16,10.2.0.0/16,10.3.0.0/16,10.4.0.0/16 --ssh-access 1.2.3.4/32 --set cluster.spec.addons[0].manifest=https://example.com/addon.yaml`,
  'private-bastion': `${one} --networking cni --topology private --bastion --node-security-groups sg-1,sg-2 --control-plane-security-groups sg-3 --cloud-labels Owner=Jo,foo/bar=fib+baz`,
  'private-dns': `${three} --topology private --bastion --dns private --dns-zone internal.example.com --egress nat-09123456`,
  ipv6: `${one} --networking calico --ipv6`,
  'ipv6-bastion': `${three} --networking calico --ipv6 --bastion`,
  karpenter: `${three} --networking calico --instance-manager karpenter --node-count 4 --discovery-store s3://oidc --set cluster.spec.karpenter.featureGates=StaticCapacity=true`,
  'shared-vpc': `${one} --networking cni --network-id vpc-12345678`,
  'private-shared-subnets': `${one} --networking cni --topology private --network-id vpc-12345678 --subnets subnet-1 --utility-subnets subnet-2`,
  'shared-subnets-lookup': `${one} --networking cni --subnets subnet-1`,
  overrides: `${one} --networking cni --set cluster.spec.nodePortAccess=1.2.3.4/32,10.20.30.0/24`,
  'other-choices': `${one} --networking cilium-etcd --dns public --kubernetes-feature-gates +A,-B --node-size t3.medium,t3.large --node-volume-size 200 --node-volume-type io1 --encrypt-etcd-storage --etcd-storage-type gp2 --associate-public-ip --api-public-name api.example.com --disable-subnet-tags`,
  'ha-encrypt': `${three} --control-plane-zones us-test-1a,us-test-1b,us-test-1c --networking cni --encrypt-etcd-storage`,
  'no-encrypt': `${one} --networking cni --no-encrypt-etcd-storage --etcd-clusters main,events,leases`,
  'ha-shared-zone': `${one} --control-plane-count 3 --networking cni`,
  'feature-gates': `${one} --networking cni --kubernetes-feature-gates FeatureA,-FeatureB`,
  'complex-private': `${three} --topology private --bastion --control-plane-count 3 --node-count 10 --networking cni --network-cidr 10.0.0.0/16,10.1.0.0/16,10.2.0.0/16,10.3.0.0/16,10.4.0.0/16`,
  'two-blocks': `${three} --networking calico --network-cidr 10.0.0.0/16,10.1.0.0/16`,
  'egress-instance': `${one} --networking cni --topology private --bastion --egress i-09123456`,
  'egress-external': `${one} --networking cni --topology private --egress External`,
  'public-dns': `${one} --networking cni --dns public --dns-zone example.com --admin-access 1.2.3.4/32 --ssh-access pl-12345678,5.6.7.8/32`,
  'public-dns-internal': `${three} --networking cni --topology private --dns public --api-loadbalancer-type internal`,
  'certificate-on-public': `${one} --networking cni --dns public --api-ssl-certificate arn:aws-test:acm:us-test-1:000000000000:certificate/1`,
  'shared-subnets': `${one} --networking cni --network-id vpc-12345678 --subnets subnet-1`,
  'ipv6-cilium': `${three} --control-plane-count 3 --networking cilium --ipv6`,
  'ipv6-public': `${one} --networking cilium --ipv6 --topology public`,
  amazonvpc: `${one} --networking amazonvpc`,
  'cilium-eni': `${one} --networking cilium-eni`,
  'kube-router': `${one} --networking kube-router --authorization AlwaysAllow`,
  flannel: `${one} --networking flannel-udp --no-associate-public-ip`,
  kubenet: `${one} --networking kubenet --cloud-labels Owner=Jo`,
  kindnet: `${one} --networking kindnet --node-tenancy dedicated --control-plane-tenancy default --node-size m5.large --control-plane-volume-size 80 --control-plane-volume-type gp2`,
  'api-servers': `${three} --networking cni --dns public --api-server-count 2 --api-server-size t3.large`,
  images: `${one} --networking cni --topology private --bastion --image ami-1 --node-image ami-2 --bastion-image ami-3`,
  'set-shapes': `${one} --networking cni --set cluster.spec.kubeAPIServer.oidcClientID=me --set spec.etcdClusters[*].version=3.6.12 --set cluster.spec.etcdClusters[0].manager.env[0].name=A --set instancegroup.spec.rootVolumeSize=77 --unset cluster.spec.sshAccess --set cluster.spec.networking.egressProxy.httpProxy.host=proxy.example.com --set cluster.spec.networking.egressProxy.httpProxy.port=3128`,
  'control-planes-elsewhere': '--zones us-test-1b --control-plane-zones us-test-1a --networking amazonvpc',
};

describe('create cluster makes the objects kops makes', () => {
  it.each(Object.entries(cases))('%s', async (name, line) => {
    const words = ['--cloud', 'aws', '--kubernetes-version', 'v1.35.0', '--subnet-layout', 'kops', ...line.split(' ')];
    const made = await createClusterByFlags(`${name}.example.com`, words, facts);
    await expect(formatObjects(made, 'yaml')).toMatchFileSnapshot(join(import.meta.dirname, `../../golden/create/${name}.yaml`));
  });
});

const oracle = join(process.env.KOPS_TS_ORACLE ?? join(import.meta.dirname, '../../../../shared/oracle'), 'kops');

describe.skipIf(!existsSync(oracle))("create cluster against kops' own cases (needs them: KOPS_TS_ORACLE)", () => {
  it('differs nowhere', async () => {
    const results = await runCreateCases(oracle);
    expect(results.length).toBeGreaterThan(0);
    expect(results.filter(({ differences }) => differences.length > 0)).toEqual([]);
  });
});
