import { describe, it } from 'vitest';
import { expectRule, type RuleCase } from './rule-case.ts';

const subnet = { name: 'us-test-1a', type: 'Public', zone: 'us-test-1a' };
const privately = { topology: 'private' } as const;
const balancer = (fields: object, type = 'Public') => ({ api: { loadBalancer: { class: 'Network', type, ...fields } } });
const members = [{ name: 'a', instanceGroup: 'control-plane-us-test-1a', encryptedVolume: true }];
const etcd = (fields: object = {}, second: object = fields) => ({
  etcdClusters: [
    { name: 'main', etcdMembers: members, ...fields },
    { name: 'events', etcdMembers: members, ...second },
  ],
});
const route = (cidr: string, target: string) => ({ subnets: [{ ...subnet, type: 'Private', additionalRoutes: [{ cidr, target }] }] });
const withoutProxy = { kubeProxy: { enabled: false } };
const ipv6Calico = { ipv6: true, networking: 'calico' } as const;

/** In the order in which kops has them. */
const cases: Record<string, RuleCase[]> = {
  'identity and versions': [
    ['a name that is no DNS name', 'metadata.name', { name: 'A_B.example.com' }, {}],
    ['a name without a dot, with DNS', 'metadata.name', { name: 'demo', options: { dns: 'public' } }, { name: 'demo' }],
    ['the name of a folder of the store', 'metadata.name', { name: 'locks' }, { name: 'locksmith' }],
    ['a version that is none', 'spec.kubernetesVersion', { cluster: { kubernetesVersion: 'latest' } }, { cluster: { kubernetesVersion: '1.35.2' } }],
    ['an old version', 'spec.kubernetesVersion', { cluster: { kubernetesVersion: 'v1.31.9' } }, { cluster: { kubernetesVersion: 'v1.32.0' } }],
    ['DNS of no kind', 'spec.topology.dns.type', { cluster: { topology: { dns: { type: 'Gossip' } } } }, { cluster: { topology: { dns: { type: 'Private' } } } }],
    ['.k8s.local with DNS', 'spec.topology.dns.type', { name: 'a.k8s.local', options: { dns: 'public' } }, { name: 'a.k8s.local' }],
    ['gossip', 'spec.gossipConfig', { cluster: { gossipConfig: { protocol: 'mesh' } } }, {}],
    ['gossip of the DNS controller', 'spec.dnsControllerGossipConfig', { cluster: { dnsControllerGossipConfig: { seed: 'x' } } }, {}],
    ['an update policy that is none', 'spec.updatePolicy', { cluster: { updatePolicy: 'never' } }, { cluster: { updatePolicy: 'external' } }],
    ['zones of two regions', 'spec.subnets', { options: { zones: ['us-test-1a', 'us-test-2a'] } }, { options: { zones: ['us-test-1a', 'us-test-1b'] } }],
    [
      'a subnet of another region',
      'spec.subnets[0].region',
      { cluster: { subnets: [{ ...subnet, region: 'us-test-2' }] } },
      { cluster: { subnets: [{ ...subnet, region: 'us-test-1' }] } },
    ],
  ],
  'blocks of addresses': [
    ['host bits', 'spec.networkCIDR', { cluster: { networkCIDR: '10.0.0.1/16' } }, { cluster: { networkCIDR: '10.0.0.0/16' } }],
    ['no block at all', 'spec.additionalNetworkCIDRs[0]', { cluster: { additionalNetworkCIDRs: ['ten'] } }, { cluster: { additionalNetworkCIDRs: ['10.9.0.0/16'] } }],
    ['no ::/0 with IPv6', 'spec.nonMasqueradeCIDR', { options: ipv6Calico, cluster: { nonMasqueradeCIDR: 'fd00::/8' } }, { options: ipv6Calico }],
    ['a network inside what is not masqueraded', 'spec.nonMasqueradeCIDR', { cluster: { networkCIDR: '100.64.0.0/16' } }, { options: { networking: 'amazonvpc' } }],
    ['a further network inside it', 'spec.nonMasqueradeCIDR', { cluster: { additionalNetworkCIDRs: ['100.80.0.0/16'] } }, { cluster: { additionalNetworkCIDRs: ['10.8.0.0/16'] } }],
    ['pods outside of it', 'spec.podCIDR', { cluster: { podCIDR: '10.3.0.0/16' } }, { cluster: { podCIDR: '100.100.0.0/16' } }],
    ['a DNS server that is no service', 'spec.kubeDNS.serverIP', { cluster: { kubeDNS: { serverIP: '1.2.3.4' } } }, { cluster: { kubeDNS: { serverIP: '100.64.0.53' } } }],
    ['kubelets that ask another one', 'spec.kubelet.clusterDNS', { cluster: { kubelet: { clusterDNS: '1.2.3.4' } } }, { cluster: { kubelet: { clusterDNS: '100.64.0.10' } } }],
    [
      'kubelets that ask a local one that is elsewhere',
      'spec.kubelet.clusterDNS',
      { cluster: { kubelet: { clusterDNS: '169.254.20.11' }, kubeDNS: { nodeLocalDNS: { enabled: true } } } },
      { cluster: { kubelet: { clusterDNS: '169.254.20.10' }, kubeDNS: { nodeLocalDNS: { enabled: true } } } },
    ],
    [
      'pods of the controller manager outside',
      'spec.kubeControllerManager.clusterCIDR',
      { cluster: { kubeControllerManager: { clusterCIDR: '10.3.0.0/16' } } },
      { cluster: { kubeControllerManager: { clusterCIDR: '100.96.0.0/11' } } },
    ],
    ['access from no block', 'spec.sshAccess[0]', { cluster: { sshAccess: ['everywhere'] } }, { cluster: { sshAccess: ['pl-12345678', '2001:db8::/32'] } }],
    ['access with host bits', 'spec.nodePortAccess[0]', { cluster: { nodePortAccess: ['1.2.3.4/24'] } }, { cluster: { nodePortAccess: ['1.2.3.0/24'] } }],
  ],
  subnets: [
    ['none', 'spec.subnets', { cluster: { subnets: [] }, node: { subnets: ['x'] } }, {}],
    ['the same name twice', 'spec.subnets[1].name', { cluster: { subnets: [subnet, subnet] } }, { cluster: { subnets: [subnet, { ...subnet, name: 'b' }] } }],
    ['a type that is none', 'spec.subnets[0].type', { cluster: { subnets: [{ ...subnet, type: 'public' }] } }, {}],
    [
      'a block outside of the network',
      'spec.subnets[0].cidr',
      { cluster: { subnets: [{ ...subnet, cidr: '10.9.0.0/24' }] } },
      { cluster: { subnets: [{ ...subnet, cidr: '172.20.9.0/24' }] } },
    ],
    ['a block of the services', 'spec.subnets[0].cidr', { cluster: { serviceClusterIPRange: '172.20.8.0/21', subnets: [{ ...subnet, cidr: '172.20.9.0/24' }] } }, {}],
    [
      'an IPv6 block that is none',
      'spec.subnets[0].ipv6CIDR',
      { cluster: { subnets: [{ ...subnet, ipv6CIDR: '/129#1' }] } },
      { cluster: { subnets: [{ ...subnet, ipv6CIDR: '/64#1f' }] } },
    ],
    [
      'an IPv6 block of the services',
      'spec.subnets[0].ipv6CIDR',
      { options: { ...ipv6Calico, topology: 'public' }, cluster: { subnets: [{ ...subnet, ipv6CIDR: 'fd00:5e4f:ce::/64' }] } },
      { options: { ...ipv6Calico, topology: 'public' }, cluster: { subnets: [{ ...subnet, ipv6CIDR: '2001:db8:0:1::/64' }] } },
    ],
    [
      'some that exist and some that do not',
      'spec.subnets',
      {
        cluster: {
          networkID: 'vpc-1',
          subnets: [
            { ...subnet, id: 'subnet-1', cidr: '172.20.0.0/24' },
            { ...subnet, name: 'b' },
          ],
        },
      },
      { cluster: { networkID: 'vpc-1', subnets: [{ ...subnet, id: 'subnet-1', cidr: '172.20.0.0/24' }] } },
    ],
    ['dual stack without IPv6', 'spec.subnets[0].type', { cluster: { subnets: [{ ...subnet, type: 'DualStack' }] } }, { options: ipv6Calico }],
    ['a way out that is none', 'spec.subnets[0].egress', { options: { ...privately, egress: 'igw-1' } }, { options: { ...privately, egress: 'tgw-1' } }],
    ['a way out of a public subnet', 'spec.subnets[0].egress', { options: { egress: 'nat-1' } }, { options: { egress: 'External' } }],
    [
      'routes of a public subnet',
      'spec.subnets[0].additionalRoutes',
      { cluster: { subnets: [{ ...subnet, additionalRoutes: [{ cidr: '10.9.0.0/16', target: 'pcx-1' }] }] } },
      { cluster: route('10.9.0.0/16', 'pcx-1') },
    ],
    ['a route to nowhere', 'spec.subnets[0].additionalRoutes[0].target', { cluster: route('10.9.0.0/16', 'vpc-1') }, { cluster: route('10.9.0.0/16', 'tgw-1') }],
    [
      'a route within the network to no machine',
      'spec.subnets[0].additionalRoutes[0].target',
      { cluster: route('172.20.9.0/24', 'pcx-1') },
      { cluster: route('172.20.9.0/24', 'i-1') },
    ],
  ],
  'access to the API': [
    ['a type that is none', 'spec.api.loadBalancer.type', { cluster: balancer({}, 'Private') }, { cluster: balancer({}) }],
    ['a Classic load balancer', 'spec.api.loadBalancer.class', { cluster: balancer({ class: 'Classic' }) }, { cluster: balancer({}) }],
    [
      'an internal one without a private subnet',
      'spec.api.loadBalancer.type',
      { options: { apiLoadBalancerType: 'internal' } },
      { options: { ...privately, apiLoadBalancerType: 'internal' } },
    ],
    [
      'one that its own machines use',
      'spec.api.loadBalancer.useForInternalApi',
      { options: privately, cluster: balancer({ useForInternalApi: true }, 'Internal') },
      { cluster: balancer({ useForInternalApi: true }) },
    ],
    ['none, without DNS', 'spec.api.loadBalancer', { cluster: { api: { dns: {} } } }, { options: { dns: 'public' }, cluster: { api: { dns: {} } } }],
    [
      'a policy for no certificate',
      'spec.api.loadBalancer.sslPolicy',
      { cluster: balancer({ sslPolicy: 'p' }) },
      { cluster: balancer({ sslPolicy: 'p', sslCertificate: 'arn:aws:acm:x' }) },
    ],
    [
      'a subnet that is not there',
      'spec.api.loadBalancer.subnets[0].name',
      { cluster: balancer({ subnets: [{ name: 'x' }] }) },
      { cluster: balancer({ subnets: [{ name: 'us-test-1a' }] }) },
    ],
    [
      'an address of another subnet',
      'spec.api.loadBalancer.subnets[0].privateIPv4Address',
      { options: privately, cluster: balancer({ subnets: [{ name: 'us-test-1a', privateIPv4Address: '10.0.0.1' }] }, 'Internal') },
      { options: privately, cluster: balancer({ subnets: [{ name: 'us-test-1a', privateIPv4Address: '172.20.32.9' }] }, 'Internal') },
    ],
    [
      'a public address of an internal one',
      'spec.api.loadBalancer.subnets[0].allocationId',
      { options: privately, cluster: balancer({ subnets: [{ name: 'us-test-1a', allocationId: 'eipalloc-1' }] }, 'Internal') },
      { cluster: balancer({ subnets: [{ name: 'us-test-1a', allocationId: 'eipalloc-1' }] }) },
    ],
    [
      'a security group that is none',
      'spec.api.loadBalancer',
      { cluster: balancer({ additionalSecurityGroups: ['web'] }) },
      { cluster: balancer({ additionalSecurityGroups: ['sg-1'] }) },
    ],
  ],
  etcd: [
    ['none', 'spec.etcdClusters', { cluster: { etcdClusters: [] } }, {}],
    ['a name that is none', 'spec.etcdClusters[1].name', { cluster: etcd({}, { name: 'event' }) }, { cluster: etcd() }],
    ['a provider that is none', 'spec.etcdClusters[0].provider', { cluster: etcd({ provider: 'Legacy' }) }, { cluster: etcd({ provider: 'Manager' }) }],
    ['an even number of members', 'spec.etcdClusters[0].etcdMembers', { cluster: etcd({ etcdMembers: [...members, { ...members[0], name: 'b' }] }) }, { cluster: etcd() }],
    ['no member', 'spec.etcdClusters[0].etcdMembers', { cluster: etcd({ etcdMembers: [] }) }, { cluster: etcd() }],
    [
      'a member without a name',
      'spec.etcdClusters[0].etcdMembers[0].name',
      { cluster: etcd({ etcdMembers: [{ instanceGroup: 'control-plane-us-test-1a' }] }) },
      { cluster: etcd() },
    ],
    ['a member of no group', 'spec.etcdClusters[0].etcdMembers[0].instanceGroup', { cluster: etcd({ etcdMembers: [{ name: 'a' }] }) }, { cluster: etcd() }],
    ['a control plane without a member', 'spec.etcdClusters[0].etcdMembers', { options: { controlPlaneCount: 3 }, cluster: etcd() }, { options: { controlPlaneCount: 3 } }],
    ['a version that is none', 'spec.etcdClusters[0].version', { cluster: etcd({ version: '4.0.0' }) }, { cluster: etcd({ version: '3.6.12' }) }],
    ['an old version', 'spec.etcdClusters[0].version', { cluster: etcd({ version: '3.0.17' }) }, { cluster: etcd({ version: '3.5.31' }) }],
    ['two versions', 'spec.etcdClusters[0].version', { cluster: etcd({ version: '3.6.12' }, { version: '3.5.31' }) }, { cluster: etcd({ version: 'v3.6.12' }) }],
    ['an image without a version', 'spec.etcdClusters[0].image', { cluster: etcd({ image: 'etcd' }, {}) }, { cluster: etcd({ image: 'etcd', version: '3.6.12' }) }],
    [
      'one place for two backups',
      'spec.etcdClusters[1].backups.backupStore',
      { cluster: etcd({ backups: { backupStore: 's3://b/x' } }) },
      { cluster: etcd({ backups: { backupStore: 's3://b/x' } }, { backups: { backupStore: 's3://b/y' } }) },
    ],
    [
      'backups on one machine',
      'spec.etcdClusters[0].backups.backupStore',
      { cluster: etcd({ backups: { backupStore: 'file:///x' } }, {}) },
      { cluster: etcd({ backups: { backupStore: 's3://b/x' } }, {}) },
    ],
    [
      'backups for no day',
      'spec.etcdClusters[0].manager.backupRetentionDays',
      { cluster: etcd({ manager: { backupRetentionDays: 0 } }) },
      { cluster: etcd({ manager: { backupRetentionDays: 1 } }) },
    ],
  ],
  'the network of the pods': [
    ['two', 'spec.networking', { cluster: { networking: { calico: {}, cni: {} } } }, { cluster: { networking: { cni: {} } } }],
    ['one that was removed', 'spec.networking.weave', { cluster: { networking: { weave: {} } } }, { cluster: { networking: { kindnet: {} } } }],
    ['one without IPv6', 'spec.networking.flannel', { options: { ipv6: true, networking: 'flannel' } }, { options: { networking: 'flannel' } }],
    [
      'cilium ENI with IPv6',
      'spec.networking.cilium.ipam',
      { options: { ipv6: true }, cluster: { networking: { cilium: { ipam: 'eni' } } } },
      { options: { networking: 'cilium-eni' } },
    ],
    [
      'cilium encryption with IPv6',
      'spec.networking.cilium.enableEncryption',
      { options: { ipv6: true }, cluster: { networking: { cilium: { enableEncryption: true } } } },
      { cluster: { networking: { cilium: { enableEncryption: true } } } },
    ],
    [
      'WireGuard with IPv6',
      'spec.networking.calico.wireguardEnabled',
      { options: ipv6Calico, cluster: { networking: { calico: { wireguardEnabled: true } } } },
      { cluster: { networking: { calico: { wireguardEnabled: true } } } },
    ],
    ['kube-router beside kube-proxy', 'spec.networking.kuberouter', { cluster: { networking: { kuberouter: {} }, kubeProxy: {} } }, { options: { networking: 'kube-router' } }],
    [
      'calico BPF beside kube-proxy',
      'spec.networking.calico.bpfEnabled',
      { cluster: { networking: { calico: { bpfEnabled: true } }, kubeProxy: {} } },
      { cluster: { networking: { calico: { bpfEnabled: true } }, ...withoutProxy } },
    ],
    ['node ports of cilium beside kube-proxy', 'spec.networking.cilium.enableNodePort', { cluster: { kubeProxy: { enabled: true } } }, {}],
    [
      'a backend of flannel that is none',
      'spec.networking.flannel.backend',
      { cluster: { networking: { flannel: { backend: 'ipip' } } } },
      { options: { networking: 'flannel-udp' } },
    ],
    [
      'an old cilium',
      'spec.networking.cilium.version',
      { cluster: { networking: { cilium: { version: 'v1.17.1' } } } },
      { cluster: { networking: { cilium: { version: 'v1.18.2' } } } },
    ],
    [
      'a tunnel that is none',
      'spec.networking.cilium.tunnel',
      { cluster: { networking: { cilium: { tunnel: 'gre' } } } },
      { cluster: { networking: { cilium: { tunnel: 'geneve' } } } },
    ],
    [
      'an ingress mode that is none',
      'spec.networking.cilium.ingress.defaultLoadBalancerMode',
      { cluster: { networking: { cilium: { ingress: { defaultLoadBalancerMode: 'own' } } } } },
      { cluster: { networking: { cilium: { ingress: { defaultLoadBalancerMode: 'shared' } } } } },
    ],
    ['etcd that is not there', 'spec.networking.cilium.etcdManaged', { cluster: { networking: { cilium: { etcdManaged: true } } } }, { options: { networking: 'cilium-etcd' } }],
    [
      'hubble without cert-manager',
      'spec.networking.cilium.hubble',
      { cluster: { networking: { cilium: { hubble: { enabled: true } } } } },
      { cluster: { networking: { cilium: { hubble: { enabled: true } } }, certManager: { enabled: true } } },
    ],
    [
      'a kind of no encryption',
      'spec.networking.cilium.encryptionType',
      { cluster: { networking: { cilium: { encryptionType: 'ipsec' } } } },
      { cluster: { networking: { cilium: { encryptionType: 'ipsec', enableEncryption: true } } } },
    ],
    [
      'an L7 proxy without its rules',
      'spec.networking.cilium.enableL7Proxy',
      { cluster: { networking: { cilium: { enableL7Proxy: true, IPTablesRulesNoinstall: true } } } },
      { cluster: { networking: { cilium: { enableL7Proxy: true } } } },
    ],
    [
      'sockets of the host without sockets',
      'spec.networking.cilium.bpfLBSockHostNSOnly',
      { cluster: { networking: { cilium: { bpfLBSockHostNSOnly: true } } } },
      { cluster: { networking: { cilium: { bpfLBSockHostNSOnly: true, bpfLBSock: true } } } },
    ],
    [
      'no encapsulation without IPv6',
      'spec.networking.calico.encapsulationMode',
      { cluster: { networking: { calico: { encapsulationMode: 'none' } } } },
      { options: ipv6Calico, cluster: { networking: { calico: { encapsulationMode: 'none' } } } },
    ],
    [
      'encapsulation with IPv6',
      'spec.networking.calico.encapsulationMode',
      { options: ipv6Calico, cluster: { networking: { calico: { encapsulationMode: 'vxlan' } } } },
      { options: ipv6Calico },
    ],
    [
      'a mode of the other encapsulation',
      'spec.networking.calico.vxlanMode',
      { cluster: { networking: { calico: { encapsulationMode: 'ipip', vxlanMode: 'Always' } } } },
      { cluster: { networking: { calico: { encapsulationMode: 'ipip', ipipMode: 'CrossSubnet', vxlanMode: 'Never' } } } },
    ],
    [
      'what calico calls otherwise now',
      'spec.networking.calico.crossSubnet',
      { cluster: { networking: { calico: { crossSubnet: true } } } },
      { cluster: { networking: { calico: {} } } },
    ],
    [
      'less than no typha',
      'spec.networking.calico.typhaReplicas',
      { cluster: { networking: { calico: { typhaReplicas: -1 } } } },
      { cluster: { networking: { calico: { typhaReplicas: 0 } } } },
    ],
    [
      'a way to find addresses that is none',
      'spec.networking.calico.ipv4AutoDetectionMethod',
      { cluster: { networking: { calico: { ipv4AutoDetectionMethod: 'interface' } } } },
      { cluster: { networking: { calico: { ipv4AutoDetectionMethod: 'interface=eth.*' } } } },
    ],
  ],
};

describe.each(Object.entries(cases))('rules about %s', (_group, list) => {
  it.each(list)('refuse %s', (...rule) => expectRule(rule));
});
