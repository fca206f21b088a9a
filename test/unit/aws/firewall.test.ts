import { describe, expect, it } from 'vitest';
import type { AwsAttributes } from '../../../providers/aws/attributes.ts';
import type { DesiredResource } from '../../../src/cloud/resource.ts';
import { clusterName, modelOf, namesOf, type Wish } from './model-of.ts';

type Rule = AwsAttributes['SecurityGroupRule'];

const subnets = [
  { name: 'inside', type: 'Private', cidr: '10.1.16.0/20', zone: 'eu-west-1a' },
  { name: 'outside', type: 'Utility', cidr: '10.1.0.0/22', zone: 'eu-west-1a' },
];
const open = [{ name: 'inside', type: 'Public', cidr: '10.1.16.0/20', zone: 'eu-west-1a' }];
const access = { kubernetesApiAccess: ['192.0.2.0/24'], sshAccess: ['192.0.2.0/24'] };
const groups = { controlPlane: { subnets: ['inside'] }, nodes: { subnets: ['inside'] } };
const bastion = { role: 'Bastion', subnets: ['inside'] };

function rulesOf({ cluster, ...wish }: Wish): Map<string, Rule> {
  const resources = modelOf({ ...groups, cluster: { subnets: open, ...access, ...cluster }, ...wish });
  return new Map(resources.filter(({ kind }: DesiredResource) => kind === 'SecurityGroupRule').map(({ name, attributes }) => [name, attributes as unknown as Rule]));
}

const publicBalancer = { api: { loadBalancer: { type: 'Public' } } };

/** Names of the groups, `-` for an id of the user's. */
const group = (id: unknown) => (typeof id === 'string' ? id : (id as { $ref: { name: string } }).$ref.name.replace(`.${clusterName}`, ''));

describe('who may talk to whom', () => {
  // Base 11; ssh 2 an entry; API without load balancer 1 an entry, with one 2 + 2 an entry + 3.
  it.each<[string, Wish, number]>([
    ['the least', { cluster: { sshAccess: [], kubernetesApiAccess: [] } }, 11],
    ['an entry for each access', {}, 11 + 2 + 1],
    ['both families', { cluster: { kubernetesApiAccess: ['0.0.0.0/0', '::/0'], sshAccess: ['0.0.0.0/0', '::/0'] } }, 11 + 4 + 2],
    ['a load balancer', { cluster: publicBalancer }, 11 + 2 + 2 + 2 + 3],
    ['a load balancer without DNS', { cluster: { topology: { dns: { type: 'None' } } } }, 11 + 2 + 2 + 2 + 3 + 2],
    ['a certificate', { cluster: { api: { loadBalancer: { type: 'Public', sslCertificate: 'arn:aws:acm:1' } } } }, 11 + 2 + 2 + 3 + 4],
    ['a bastion', { cluster: { subnets }, more: { bastions: bastion } }, 11 + (2 + 2 + 3) + (4 + 2 * 2 + 1 + 2 + 2)],
    ['calico', { cluster: { networking: { calico: {} } } }, 11 + 3 + 1],
    ['kube-router', { cluster: { networking: { kuberouter: {} }, kubeProxy: { enabled: false } } }, 11 + 3 + 1],
    ['the Amazon VPC CNI', { cluster: { networking: { amazonvpc: {} } } }, 11 + 3 + 1],
    ['node ports', { cluster: { nodePortAccess: ['192.0.2.0/24', '198.51.100.0/24'] } }, 11 + 3 + 4],
  ])('%s', (_name, wish, count) => {
    expect([...rulesOf(wish).keys()]).toHaveLength(count);
  });

  it('nodes reach every port of the control plane but those of etcd', () => {
    const reached = (wish: Wish, protocol: string, port: number) =>
      [...rulesOf(wish).values()].some(
        (rule) =>
          rule.type === 'ingress' &&
          group(rule.groupId) === 'masters' &&
          rule.sourceGroupId !== undefined &&
          group(rule.sourceGroupId) === 'nodes' &&
          rule.protocol === protocol &&
          rule.fromPort <= port &&
          port <= rule.toPort,
      );
    const etcd = [2380, 2381, 4001, 4002];
    for (const port of [1, 443, 2379, 2382, 3988, 4000, 4003, 10250, 65535]) expect([port, reached({}, 'tcp', port)]).toEqual([port, true]);
    for (const port of etcd) expect([port, reached({}, 'tcp', port)]).toEqual([port, false]);
    expect(reached({}, 'udp', 8472)).toBe(true);
    const managed = { cluster: { networking: { cilium: { etcdManaged: true } }, kubeProxy: { enabled: false } } };
    expect([2382, 2383, 4003].map((port) => reached(managed, 'tcp', port))).toEqual([false, true, true]);
  });

  it('node ports are those of the API server', () => {
    const rules = rulesOf({ cluster: { nodePortAccess: ['192.0.2.0/24'], kubeAPIServer: { serviceNodePortRange: '28000-32767' } } });
    expect(rules.get('nodeport-tcp-external-to-node-192.0.2.0/24')).toMatchObject({ protocol: 'tcp', fromPort: 28000, toPort: 32767, cidrBlock: '192.0.2.0/24' });
    expect(rules.get('nodeport-udp-external-to-node-192.0.2.0/24')).toMatchObject({ protocol: 'udp', fromPort: 28000, toPort: 32767 });
  });

  it('prefix lists are peers like blocks; two lists do not take each other’s place', () => {
    const rules = rulesOf({ cluster: { ...publicBalancer, kubernetesApiAccess: ['pl-1', 'pl-2', '0.0.0.0/0'], sshAccess: ['pl-1'] } });
    const balancer = [...rulesOf({ cluster: { ...publicBalancer, kubernetesApiAccess: ['pl-1'] } }).keys()];
    expect(balancer).toContain(`from-0.0.0.0/0-ingress-tcp-443to443-api-elb.${clusterName}`);
    const peers = [...rules.values()].filter((rule) => rule.fromPort === 443 && group(rule.groupId) === 'api-elb').map((rule) => rule.prefixListId ?? rule.cidrBlock);
    expect(peers.sort()).toEqual(['0.0.0.0/0', 'pl-1', 'pl-2']);
    expect([...rules.keys()].filter((name) => name.includes('pmtu-api-elb-pl-1'))).toEqual(['icmpv6-pmtu-api-elb-pl-1', 'icmp-pmtu-api-elb-pl-1']);
    const bastions = rulesOf({ cluster: { subnets, sshAccess: ['pl-1'] }, more: { bastions: bastion } });
    expect([...bastions.values()].filter(({ prefixListId }) => prefixListId === 'pl-1').map(({ protocol }) => protocol)).toEqual(['tcp']);
  });

  it('groups that instance groups name have the rules of their role, each with each', () => {
    const wish: Wish = {
      controlPlane: { subnets: ['inside'], securityGroupOverride: 'sg-cp' },
      nodes: { subnets: ['inside'], securityGroupOverride: 'sg-workers' },
      more: { others: { role: 'Node', subnets: ['inside'] }, same: { role: 'Node', subnets: ['inside'], securityGroupOverride: 'sg-workers' } },
    };
    const rules = rulesOf(wish);
    expect(rules.get('from-sg-workers-Node-ingress-tcp-1to2379-sg-cp-ControlPlane')).toMatchObject({ groupId: 'sg-cp', sourceGroupId: 'sg-workers' });
    expect(rules.get(`from-nodes.${clusterName}-ingress-all-0to0-sg-workers-Node`)).toMatchObject({ groupId: 'sg-workers' });
    // Egress of three groups; control plane to itself and to two of nodes; nodes among each other; 4 from each of nodes; ssh of three; API.
    expect(rules.size).toBe(6 + 3 + 4 + 8 + 3 + 1);
    const resources = modelOf({ ...wish, cluster: { subnets: open, ...access } });
    expect(namesOf('SecurityGroup', resources)).toEqual([`nodes.${clusterName}`]);
  });

  it('the load balancer may have a group of the user’s', () => {
    const wish = { cluster: { api: { loadBalancer: { type: 'Public', securityGroupOverride: 'sg-lb' } }, subnets: open, ...access } };
    expect(namesOf('SecurityGroup', modelOf({ ...groups, ...wish }))).toEqual([`masters.${clusterName}`, `nodes.${clusterName}`]);
    expect(rulesOf(wish).get('https-elb-to-master')).toMatchObject({ sourceGroupId: 'sg-lb' });
  });

  it('API servers are in the control plane’s group', () => {
    const resources = modelOf({ ...groups, cluster: { subnets: open, ...access }, more: { api: { role: 'APIServer', subnets: ['inside'] } } });
    expect(namesOf('SecurityGroup', resources)).toEqual([`masters.${clusterName}`, `nodes.${clusterName}`]);
  });
});
