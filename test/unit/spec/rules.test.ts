import { describe, expect, it } from 'vitest';
import { awsSpec } from '../../../providers/aws/spec.ts';
import { localSpec } from '../../../providers/local/spec.ts';
import { completeCluster } from '../../../src/spec/complete.ts';
import { type Field, fieldTree } from '../../../src/spec/field-tree.ts';
import { type NewClusterOptions, newCluster } from '../../../src/spec/new-cluster.ts';
import type { SpecRules } from '../../../src/spec/provider-view.ts';
import { clusterChoices, instanceGroupChoices, instanceGroupRanges } from '../../../src/spec/rules/choices.ts';
import type { Cluster, InstanceGroup } from '../../../src/spec/types.ts';
import { validateCompleted, validateShape } from '../../../src/spec/validate.ts';
import { catalog, context, providerSpec } from './test-provider.ts';

type Fields = Record<string, unknown>;

interface Case {
  options?: Partial<NewClusterOptions>;
  cluster?: Fields;
  node?: Fields;
  rules?: SpecRules;
}

/** Errors of a cluster whose spec, and that of its workers, has these fields on top. Its shape is sound. */
function errors({ options, cluster = {}, node = {}, rules = providerSpec }: Case): string[] {
  const made = newCluster({ name: 'a.example.com', cloud: 'test', zones: ['us-test-1a'], configBase: 'memory://x', ...options });
  const user = {
    cluster: { ...made.cluster, spec: { ...made.cluster.spec, ...cluster } } as Cluster,
    instanceGroups: made.instanceGroups.map((group): InstanceGroup => (group.spec.role === 'Node' ? { ...group, spec: { ...group.spec, ...node } } : group)),
  };
  expect(validateShape(user)).toEqual([]);
  const findings = validateCompleted(completeCluster(user, { ...context, providerSpec: rules }), catalog, rules);
  return findings.filter(({ severity }) => severity === 'error').map(({ path, message }) => `${path}: ${message}`);
}

const subnet = { name: 'us-test-1a', type: 'Public', zone: 'us-test-1a' };
const privately: Partial<NewClusterOptions> = { topology: 'private' };

describe('rules of the cluster', () => {
  it.each<[string, Case, string]>([
    ['an egress that is none', { cluster: { subnets: [{ ...subnet, type: 'Private', egress: 'nut-1' }] } }, 'spec.subnets[0].egress: "nut-1" is not a way out'],
    ['egress of a public subnet', { cluster: { subnets: [{ ...subnet, egress: 'nat-1' }] } }, 'spec.subnets[0].egress: a Public subnet has no egress of its own'],
    ['dual stack without IPv6', { cluster: { subnets: [{ ...subnet, type: 'DualStack' }] } }, 'spec.subnets[0].type: DualStack is for clusters with IPv6 only'],
    ['an IPv6 block that is none', { cluster: { subnets: [{ ...subnet, ipv6CIDR: '/200#1' }] } }, 'spec.subnets[0].ipv6CIDR: "/200#1" is not an IPv6 block'],
    [
      'routes to nowhere',
      { cluster: { subnets: [{ ...subnet, type: 'Private', additionalRoutes: [{ cidr: '10.9.0.0/16', target: 'x' }] }] } },
      'spec.subnets[0].additionalRoutes[0].target: "x" is not a target',
    ],
    ['IPv6 where the network has none', { options: { ipv6: true, networking: 'flannel' } }, 'spec.networking.flannel: does not support IPv6'],
    ['a network that was removed', { cluster: { networking: { weave: {} } } }, 'spec.networking.weave: is not supported any more'],
    ['two that do the same', { cluster: { kubeProxy: { enabled: true } } }, 'spec.networking.cilium.enableNodePort: requires kube-proxy to be disabled'],
    [
      'etcd for cilium that is not there',
      { cluster: { networking: { cilium: { etcdManaged: true } } } },
      'spec.networking.cilium.etcdManaged: needs an etcd cluster named "cilium"',
    ],
    ['no encapsulation', { cluster: { networking: { calico: { encapsulationMode: 'none' } } } }, 'spec.networking.calico.encapsulationMode: none is only for IPv6'],
    ['a backend that is none', { cluster: { networking: { flannel: { backend: 'udb' } } } }, 'spec.networking.flannel.backend: must be one of udp, vxlan, not "udb"'],
    [
      'a load balancer that hairpins',
      { options: { ...privately, apiLoadBalancerType: 'internal' }, cluster: { api: { loadBalancer: { class: 'Network', type: 'Internal', useForInternalApi: true } } } },
      'spec.api.loadBalancer.useForInternalApi: an internal network load balancer cannot be reached by the machines behind it',
    ],
    [
      'a load balancer in no subnet',
      { cluster: { api: { loadBalancer: { class: 'Network', type: 'Public', subnets: [{ name: 'x' }] } } } },
      'spec.api.loadBalancer.subnets[0].name: the cluster has no subnet "x"',
    ],
    [
      'half a pair',
      { cluster: { kubeAPIServer: { proxyClientCertFile: '/x' } } },
      'spec.kubeAPIServer.proxyClientCertFile: proxyClientCertFile and proxyClientKeyFile belong together',
    ],
    ['ports that are none', { cluster: { kubeAPIServer: { serviceNodePortRange: '300' } } }, 'spec.kubeAPIServer.serviceNodePortRange: "300" is not a range of ports'],
    [
      'critical pods that outlive the rest',
      { cluster: { kubelet: { shutdownGracePeriodCriticalPods: '10s' } } },
      'spec.kubelet.shutdownGracePeriodCriticalPods: cannot be longer than shutdownGracePeriod',
    ],
    ['a name server that is none', { cluster: { kubeDNS: { upstreamNameservers: ['dns'] } } }, 'spec.kubeDNS.upstreamNameservers[0]: "dns" is not an address'],
    ['an addon of this machine', { cluster: { addons: [{ manifest: 'file:///x' }] } }, 'spec.addons[0].manifest: a file of this machine cannot be read by the cluster'],
    ['an addon without what it needs', { cluster: { snapshotController: { enabled: true } } }, 'spec.snapshotController: needs cert-manager'],
    ['a policy that is none', { cluster: { additionalPolicies: { node: '{}' } } }, 'spec.additionalPolicies.node: must be a JSON list of policy statements'],
    [
      'OIDC without a place',
      { cluster: { serviceAccountIssuerDiscovery: { enableAWSOIDCProvider: true } } },
      'spec.serviceAccountIssuerDiscovery.enableAWSOIDCProvider: needs a discoveryStore',
    ],
    ['a hook that does nothing', { cluster: { hooks: [{ name: 'x' }] } }, 'spec.hooks[0]: needs a manifest or an execContainer'],
    ['a parameter without a value', { cluster: { sysctlParameters: ['net.x'] } }, 'spec.sysctlParameters[0]: "net.x" has no value'],
  ])('refuse %s', (_what, given, expected) => expect(errors(given)).toContain(expected));
});

describe('rules of instance groups', () => {
  it.each<[string, Fields, string]>([
    [
      'the same disk twice',
      {
        volumes: [
          { device: '/dev/sdb', size: 1 },
          { device: '/dev/sdb', size: 1 },
        ],
      },
      'spec.volumes[1].device: /dev/sdb is used twice',
    ],
    [
      'a file system nobody has',
      { volumeMounts: [{ device: '/dev/sdb', path: '/x', filesystem: 'ntfs' }] },
      'spec.volumeMounts[0].filesystem: must be one of btrfs, ext4, xfs, not "ntfs"',
    ],
    ['user data of no type', { additionalUserData: [{ name: 'x', content: 'y', type: 'z' }] }, 'spec.additionalUserData[0].type: "z" is not a type of user data'],
    ['a tenancy that is none', { tenancy: 'dedicate' }, 'spec.tenancy: must be one of default, dedicated, host, not "dedicate"'],
    ['too many hops', { instanceMetadata: { httpPutResponseHopLimit: 65 } }, 'spec.instanceMetadata.httpPutResponseHopLimit: must be between 1 and 64, not 65'],
    ['a warm pool upside down', { warmPool: { minSize: 3, maxSize: 2 } }, 'spec.warmPool.maxSize: 2 is less than minSize 3'],
    ['Karpenter without Karpenter', { manager: 'Karpenter' }, 'spec.manager: Karpenter is not enabled in the cluster'],
  ])('refuse %s', (_what, node, expected) => expect(errors({ node })).toContain(expected));

  it('hold for every field there is', () => {
    const known = (kind: string, path: string) =>
      ['spec', ...path.split('.')].reduce<Field | undefined>((field, name) => field?.fields.get(name), fieldTree().get(kind)) !== undefined;
    expect(Object.keys(clusterChoices).filter((path) => !known('Cluster', path))).toEqual([]);
    expect(Object.keys({ ...instanceGroupChoices, ...instanceGroupRanges }).filter((path) => !known('InstanceGroup', path))).toEqual([]);
  });
});

describe('what is sound', () => {
  it.each<[string, Partial<NewClusterOptions>]>([
    ['IPv6', { ipv6: true, networking: 'calico' }],
    ['private with bastions', { topology: 'private', bastion: true, egress: 'nat-1' }],
    ['native pod addresses', { networking: 'amazonvpc' }],
    ['cilium on etcd', { networking: 'cilium-etcd' }],
    ['kube-router', { networking: 'kube-router' }],
    ['public names', { dns: 'public', dnsZone: 'example.com' }],
  ])('passes: %s', (_what, options) => expect(errors({ options })).toEqual([]));
});

describe('clouds', () => {
  it('have rules of their own: aws', () => {
    const wrong = errors({ options: { networkId: 'x' }, node: { additionalSecurityGroups: ['web'], image: 'a b:c' }, rules: awsSpec });
    expect(wrong).toEqual([
      'spec.networkID: x is not the id of a VPC',
      'spec.image: a b:c is not the name of an image',
      'spec.additionalSecurityGroups[0]: "web" is not the id of a security group',
    ]);
  });

  it('have rules of their own: the local one says what it cannot run', () => {
    const wrong = errors({ options: { ipv6: true, networking: 'calico', networkId: 'vpc-1', controlPlaneSize: 't3.medium' }, rules: localSpec });
    expect(wrong).toEqual(['spec.networkID: the local cloud has no networks that exist already', 'spec.nonMasqueradeCIDR: the local cloud has no IPv6']);
  });
});
