import { type Attribute, type DesiredResource, ref } from '../../../src/cloud/resource.ts';
import type { CompletedCluster } from '../../../src/spec/types.ts';

/** The rules kops gives masters, nodes and the API load balancer. They are recorded; the simulated network itself lets everything inside the cluster through. */
export function firewalls({ cluster, instanceGroups }: CompletedCluster): DesiredResource[] {
  const bastions = instanceGroups.some((group) => group.spec.role === 'Bastion');
  const { name } = cluster.metadata;
  const access = cluster.spec.sshAccess ?? [];
  const bastion = `bastion.${name}`;
  // With bastions, nobody comes to the machines but through them.
  const ssh = bastions ? [bastion] : access;
  const api = cluster.spec.kubernetesApiAccess ?? [];
  const masters = `masters.${name}`;
  const nodes = `nodes.${name}`;
  const balancer = `api-elb.${name}`;
  return [
    firewall(masters, name, [
      rule(`from ${masters}`, 'all'),
      rule(`from ${nodes}`, 'tcp', '1-2379'),
      rule(`from ${nodes}`, 'tcp', '2382-4000'),
      rule(`from ${nodes}`, 'tcp', '4003-65535'),
      rule(`from ${nodes}`, 'udp', '1-65535'),
      rule(`from ${balancer}`, 'tcp', '443'),
      rule(`from ${balancer}`, 'tcp', '3988'),
      ...ssh.map((cidr) => rule(`from ${cidr}`, 'tcp', '22')),
    ]),
    firewall(nodes, name, [rule(`from ${masters}`, 'all'), rule(`from ${nodes}`, 'all'), ...ssh.map((cidr) => rule(`from ${cidr}`, 'tcp', '22'))]),
    firewall(balancer, name, [...api.map((cidr) => rule(`from ${cidr}`, 'tcp', '443')), rule(`from ${nodes}`, 'tcp', '3988')]),
    ...(bastions ? bastionFirewalls(bastion, name, access) : []),
  ];
}

function bastionFirewalls(bastion: string, name: string, access: readonly string[]): DesiredResource[] {
  const balancer = `bastion-elb.${name}`;
  return [
    firewall(bastion, name, [rule(`from ${balancer}`, 'tcp', '22')]),
    firewall(
      balancer,
      name,
      access.map((cidr) => rule(`from ${cidr}`, 'tcp', '22')),
    ),
  ];
}

function firewall(name: string, cluster: string, rules: Attribute[]): DesiredResource {
  return { kind: 'Firewall', name, attributes: { network: ref('Network', cluster), ingress: rules, egress: 'all' } };
}

function rule(source: string, protocol: string, ports?: string): Attribute {
  return `${source} ${protocol}${ports === undefined ? '' : ` ${ports}`}`;
}
