import { describe, it } from 'vitest';
import { expectRule, type RuleCase } from './rule-case.ts';

const server = (kubeAPIServer: object) => ({ cluster: { kubeAPIServer } });
const kubelet = (fields: object) => ({ cluster: { kubelet: fields } });
const withCertManager = { certManager: { enabled: true } };
const accounts = (aws: object) => ({ cluster: { iam: { serviceAccountExternalPermissions: [{ name: 'a', namespace: 'b', aws }] } } });
const discovery = (fields: object) => ({ cluster: { serviceAccountIssuerDiscovery: fields } });
const karpenter = { options: { instanceManager: 'karpenter', discoveryStore: 's3://oidc' } } as const;

const cases: Record<string, RuleCase[]> = {
  "Kubernetes' components": [
    ['bootstrap tokens', 'spec.kubeAPIServer.enableBootstrapTokenAuth', server({ enableBootstrapTokenAuth: true }), server({ enableBootstrapTokenAuth: false })],
    [
      'two lists of admission plugins',
      'spec.kubeAPIServer.admissionControl',
      server({ admissionControl: ['A'], enableAdmissionPlugins: ['B'] }),
      server({ enableAdmissionPlugins: ['B'] }),
    ],
    ['half a pair', 'spec.kubeAPIServer.proxyClientCertFile', server({ proxyClientCertFile: '/x' }), server({ proxyClientCertFile: '/x', proxyClientKeyFile: '/y' })],
    ['ports that are none', 'spec.kubeAPIServer.serviceNodePortRange', server({ serviceNodePortRange: '32767-30000' }), server({ serviceNodePortRange: '30000-32767' })],
    [
      'Webhook without its file',
      'spec.kubeAPIServer.authorizationWebhookConfigFile',
      server({ authorizationMode: 'Node,RBAC,Webhook' }),
      server({ authorizationMode: 'Node,RBAC,Webhook', authorizationWebhookConfigFile: '/x' }),
    ],
    ['no RBAC', 'spec.kubeAPIServer.authorizationMode', server({ authorizationMode: 'Node' }), server({ authorizationMode: 'Node,RBAC' })],
    ['a mode that is none', 'spec.kubeAPIServer.authorizationMode', server({ authorizationMode: 'Node,RBAC,Magic' }), server({ authorizationMode: 'RBAC,Node' })],
    [
      'an audit webhook without a policy',
      'spec.kubeAPIServer.auditPolicyFile',
      server({ auditWebhookConfigFile: '/srv/a/w' }),
      server({ auditWebhookConfigFile: '/srv/a/w', auditPolicyFile: '/srv/a/p' }),
    ],
    [
      'one in another folder',
      'spec.kubeAPIServer.auditWebhookConfigFile',
      server({ auditWebhookConfigFile: '/srv/b/w', auditPolicyFile: '/srv/a/p' }),
      server({ auditPolicyFile: '/srv/a/p' }),
    ],
    ['a log format that is none', 'spec.kubeAPIServer.logFormat', server({ logFormat: 'xml' }), server({ logFormat: 'json' })],
    [
      'OIDC in a file and in flags',
      'spec.kubeAPIServer.authenticationConfigFile',
      server({ authenticationConfigFile: '/x', oidcClientID: 'a' }),
      server({ authenticationConfigFile: '/x' }),
    ],
    [
      'other services than the cluster',
      'spec.kubeAPIServer.serviceClusterIPRange',
      server({ serviceClusterIPRange: '10.0.0.0/16' }),
      server({ serviceClusterIPRange: '100.64.0.0/13' }),
    ],
    ['a port without TLS', 'spec.kubeAPIServer.insecurePort', server({ insecurePort: 8080 }), server({})],
    [
      'the old name of a period',
      'spec.kubeControllerManager.experimentalClusterSigningDuration',
      { cluster: { kubeControllerManager: { experimentalClusterSigningDuration: '1h' } } },
      { cluster: { kubeControllerManager: { ClusterSigningDuration: '1h' } } },
    ],
    [
      'policies of the scheduler',
      'spec.kubeScheduler.usePolicyConfigMap',
      { cluster: { kubeScheduler: { usePolicyConfigMap: true } } },
      { cluster: { kubeScheduler: { logFormat: 'json' } } },
    ],
    [
      'blocks that are none',
      'spec.kubeProxy.ipvsExcludeCidrs[0]',
      { cluster: { kubeProxy: { enabled: false, ipvsExcludeCidrs: ['x'] } } },
      { cluster: { kubeProxy: { enabled: false, ipvsExcludeCidrs: ['10.0.0.0/8'] } } },
    ],
    [
      'an API server that is none',
      'spec.kubeProxy.master',
      { cluster: { kubeProxy: { enabled: false, master: 'api' } } },
      { cluster: { kubeProxy: { enabled: false, master: 'https://127.0.0.1' } } },
    ],
  ],
  'the kubelet': [
    ['a way to join that was removed', 'spec.kubelet.bootstrapKubeconfig', kubelet({ bootstrapKubeconfig: '/x' }), kubelet({})],
    ['a flag that was removed', 'spec.masterKubelet.networkPluginName', { cluster: { masterKubelet: { networkPluginName: 'cni' } } }, kubelet({})],
    ['a topology policy that is none', 'spec.kubelet.topologyManagerPolicy', kubelet({ topologyManagerPolicy: 'all' }), kubelet({ topologyManagerPolicy: 'restricted' })],
    ['a log format that is none', 'spec.masterKubelet.logFormat', { cluster: { masterKubelet: { logFormat: 'xml' } } }, { cluster: { masterKubelet: { logFormat: 'text' } } }],
    [
      'critical pods that have all of no time',
      'spec.kubelet.shutdownGracePeriodCriticalPods',
      kubelet({ shutdownGracePeriodCriticalPods: '10s' }),
      kubelet({ shutdownGracePeriodCriticalPods: '10s', shutdownGracePeriod: '30s' }),
    ],
    [
      'a long pause',
      'spec.kubelet.crashLoopBackOffMaxContainerRestartPeriod',
      kubelet({ crashLoopBackOffMaxContainerRestartPeriod: '301s' }),
      kubelet({ crashLoopBackOffMaxContainerRestartPeriod: '1s' }),
    ],
    [
      'a use of swap that is none',
      'spec.kubelet.memorySwapBehavior',
      { node: { kubelet: { memorySwapBehavior: 'Swap' } } },
      { node: { kubelet: { memorySwapBehavior: 'NoSwap' } } },
    ],
    [
      'a period of one group that is none',
      'spec.kubelet.shutdownGracePeriod',
      { node: { kubelet: { shutdownGracePeriod: 'soon' } } },
      { node: { kubelet: { shutdownGracePeriod: '1m' } } },
    ],
  ],
  DNS: [
    [
      'a local server without CoreDNS',
      'spec.kubeDNS.nodeLocalDNS.enabled',
      { cluster: { kubeDNS: { provider: 'KubeDNS', nodeLocalDNS: { enabled: true } } } },
      { cluster: { kubeDNS: { nodeLocalDNS: { enabled: true } } } },
    ],
    [
      'a name server that is none',
      'spec.kubeDNS.upstreamNameservers[0]',
      { cluster: { kubeDNS: { upstreamNameservers: ['dns'] } } },
      { cluster: { kubeDNS: { upstreamNameservers: ['8.8.8.8', '2001:db8::1'] } } },
    ],
    [
      'a domain nobody answers for',
      'spec.kubeDNS.stubDomains["a.b"]',
      { cluster: { kubeDNS: { stubDomains: { 'a.b': [] } } } },
      { cluster: { kubeDNS: { stubDomains: { 'a.b': ['1.1.1.1'] } } } },
    ],
    ['a provider that is none', 'spec.externalDns.provider', { cluster: { externalDns: { provider: 'dns' } } }, { cluster: { externalDns: { provider: 'dns-controller' } } }],
    [
      'external-dns without a zone',
      'spec.externalDns.provider',
      { cluster: { externalDns: { provider: 'external-dns' } } },
      { options: { dns: 'public' }, cluster: { externalDns: { provider: 'external-dns' } } },
    ],
    [
      'a namespace it may not watch',
      'spec.externalDns.watchNamespace',
      { cluster: { externalDns: { watchNamespace: 'default' } } },
      { cluster: { externalDns: { watchNamespace: 'kube-system' } } },
    ],
  ],
  containerd: [
    ['another runtime', 'spec.containerRuntime', { cluster: { containerRuntime: 'docker' } }, { cluster: { containerRuntime: 'containerd' } }],
    ['an old version', 'spec.containerd.version', { cluster: { containerd: { version: '1.7.29' } } }, { cluster: { containerd: { version: '2.1.0' } } }],
    ['a version that is none', 'spec.containerd.version', { node: { containerd: { version: 'new' } } }, { node: { containerd: { version: 'v2.2.1' } } }],
    [
      'a package without its hash',
      'spec.containerd.packages.hashAmd64',
      { cluster: { containerd: { packages: { urlAmd64: 'https://x' } } } },
      { cluster: { containerd: { packages: { urlAmd64: 'https://x', hashAmd64: 'y' } } } },
    ],
    [
      'a hash without its package',
      'spec.containerd.runc.packages.urlArm64',
      { node: { containerd: { runc: { packages: { hashArm64: 'y' } } } } },
      { node: { containerd: { runc: { packages: { urlArm64: 'https://x', hashArm64: 'y' } } } } },
    ],
    [
      'no time for plugins',
      'spec.containerd.nri.pluginRequestTimeout',
      { cluster: { containerd: { nri: { enabled: true, pluginRequestTimeout: '0s' } } } },
      { cluster: { containerd: { nri: { enabled: true, pluginRequestTimeout: '2s' } } } },
    ],
    ['gVisor everywhere', 'spec.containerd.gvisor.enabled', { cluster: { containerd: { gvisor: { enabled: true } } } }, { node: { containerd: { gvisor: { enabled: true } } } }],
    ['gVisor on control planes', 'spec.containerd.gvisor.enabled', { controlPlane: { containerd: { gvisor: { enabled: true } } } }, {}],
  ],
  'what is put on machines': [
    ['a hook that does nothing', 'spec.hooks[0]', { cluster: { hooks: [{ name: 'x' }] } }, { cluster: { hooks: [{ name: 'x', manifest: 'y' }] } }],
    [
      'a raw manifest with requirements',
      'spec.hooks[0].useRawManifest',
      { cluster: { hooks: [{ manifest: 'y', useRawManifest: true, requires: ['z'] }] } },
      { cluster: { hooks: [{ manifest: 'y', useRawManifest: true }] } },
    ],
    [
      'a container without an image',
      'spec.hooks[0].execContainer.image',
      { node: { hooks: [{ execContainer: { command: ['x'] } }] } },
      { node: { hooks: [{ execContainer: { image: 'i' } }] } },
    ],
    ['a file without content', 'spec.fileAssets[0].content', { cluster: { fileAssets: [{ name: 'x' }] } }, { cluster: { fileAssets: [{ name: 'x', content: 'y' }] } }],
    ['a parameter without a value', 'spec.sysctlParameters[0]', { cluster: { sysctlParameters: ['net.x'] } }, { cluster: { sysctlParameters: ['net.x=1'] } }],
    ['an addon of this machine', 'spec.addons[0].manifest', { cluster: { addons: [{ manifest: 'file:///x' }] } }, { cluster: { addons: [{ manifest: 's3://b/x' }] } }],
    ['a label that is ours', 'spec.cloudLabels["kops.k8s.io/x"]', { cluster: { cloudLabels: { 'kops.k8s.io/x': 'y' } } }, { cluster: { cloudLabels: { Owner: 'y' } } }],
    [
      'two places for images',
      'spec.assets.containerProxy',
      { cluster: { assets: { containerProxy: 'a', containerRegistry: 'b' } } },
      { cluster: { assets: { containerProxy: 'a' } } },
    ],
    [
      'a place for files that is none',
      'spec.assets.fileRepository',
      { cluster: { assets: { fileRepository: 'ftp://x' } } },
      { cluster: { assets: { fileRepository: 'https://x/y' } } },
    ],
  ],
  permissions: [
    ['legacy ones', 'spec.iam.legacy', { cluster: { iam: { legacy: true } } }, { cluster: { iam: { legacy: false } } }],
    [
      'of accounts without a namespace',
      'spec.iam.serviceAccountExternalPermissions[0].namespace',
      { cluster: { iam: { serviceAccountExternalPermissions: [{ name: 'a', namespace: '', aws: { inlinePolicy: '[]' } }] } } },
      accounts({ inlinePolicy: '[]' }),
    ],
    [
      'of two kinds',
      'spec.iam.serviceAccountExternalPermissions[0].aws',
      accounts({ inlinePolicy: '[]', policyARNs: ['x'] }),
      accounts({ policyARNs: ['arn:aws:iam::aws:policy/x'] }),
    ],
    ['for a role that is none', 'spec.additionalPolicies.nodes', { cluster: { additionalPolicies: { nodes: '[]' } } }, { cluster: { additionalPolicies: { node: '[]' } } }],
    ['that are no JSON', 'spec.additionalPolicies.node', { cluster: { additionalPolicies: { node: 'x' } } }, { cluster: { additionalPolicies: { node: '[{"Effect":"Allow"}]' } } }],
    [
      'with an effect that is none',
      'spec.additionalPolicies.node',
      { cluster: { additionalPolicies: { node: '[{"Effect":"allow"}]' } } },
      { cluster: { additionalPolicies: { master: '[{"Effect":"Deny"}]' } } },
    ],
    [
      'of others by no ARN',
      'spec.externalPolicies.node[0]',
      { cluster: { externalPolicies: { node: ['x'] } } },
      { cluster: { externalPolicies: { node: ['arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore'] } } },
    ],
    [
      'with keys in a bucket with dots',
      'spec.serviceAccountIssuerDiscovery.discoveryStore',
      discovery({ discoveryStore: 's3://a.b/c' }),
      discovery({ discoveryStore: 's3://a-b/c' }),
    ],
    ['with keys nobody can read', 'spec.serviceAccountIssuerDiscovery.discoveryStore', discovery({ discoveryStore: 'file:///x' }), discovery({ discoveryStore: 's3://a' })],
    [
      'with keys nowhere',
      'spec.serviceAccountIssuerDiscovery.enableAWSOIDCProvider',
      discovery({ enableAWSOIDCProvider: true }),
      discovery({ enableAWSOIDCProvider: true, discoveryStore: 's3://a' }),
    ],
    [
      'with keys in two places',
      'spec.serviceAccountIssuerDiscovery.discoveryStore',
      discovery({ discoveryStore: 's3://a', discoveryService: { url: 'x' } }),
      discovery({ discoveryStore: 's3://a' }),
    ],
    [
      'of people, without the backend',
      'spec.authentication.aws.identityMappings',
      { cluster: { authentication: { aws: { identityMappings: [{ arn: 'arn:aws:iam::123456789012:role/a' }] } } } },
      { cluster: { authentication: { aws: { backendMode: 'CRD', identityMappings: [{ arn: 'arn:aws:iam::123456789012:role/a' }] } } } },
    ],
    [
      'of people that are none',
      'spec.authentication.aws.identityMappings[0].arn',
      { cluster: { authentication: { aws: { backendMode: 'CRD', identityMappings: [{ arn: 'ann' }] } } } },
      { cluster: { authentication: { aws: { backendMode: 'CRD' } } } },
    ],
  ],
  addons: [
    [
      'a load balancer controller without cert-manager',
      'spec.awsLoadBalancerController',
      { cluster: { awsLoadBalancerController: { enabled: true } } },
      { cluster: { awsLoadBalancerController: { enabled: true }, ...withCertManager } },
    ],
    [
      'snapshots without cert-manager',
      'spec.snapshotController',
      { cluster: { snapshotController: { enabled: true } } },
      { cluster: { snapshotController: { enabled: true }, ...withCertManager } },
    ],
    [
      'a webhook without cert-manager',
      'spec.podIdentityWebhook',
      { cluster: { podIdentityWebhook: { enabled: true } } },
      { cluster: { podIdentityWebhook: { enabled: true }, ...withCertManager } },
    ],
    [
      'secure metrics without cert-manager',
      'spec.metricsServer.insecure',
      { cluster: { metricsServer: { enabled: true, insecure: false } } },
      { cluster: { metricsServer: { enabled: true, insecure: true } } },
    ],
    [
      'DNS-01 without permissions',
      'spec.certManager.hostedZoneIDs',
      { cluster: { certManager: { enabled: true, hostedZoneIDs: ['Z1'] } } },
      { cluster: { certManager: { enabled: true, hostedZoneIDs: ['Z1'] }, iam: { useServiceAccountExternalPermissions: true } } },
    ],
    ['Karpenter without permissions', 'spec.karpenter', { cluster: { karpenter: { enabled: true } } }, karpenter],
    [
      'a termination handler beside Karpenter',
      'spec.nodeTerminationHandler',
      { ...karpenter, cluster: { nodeTerminationHandler: { enabled: true } } },
      { ...karpenter, cluster: { nodeTerminationHandler: { enabled: false } } },
    ],
    [
      'a way to grow that is none',
      'spec.clusterAutoscaler.expander',
      { cluster: { clusterAutoscaler: { expander: 'price' } } },
      { cluster: { clusterAutoscaler: { expander: 'priority' } } },
    ],
    [
      'no EBS driver',
      'spec.cloudConfig.awsEBSCSIDriver.enabled',
      { cluster: { cloudConfig: { awsEBSCSIDriver: { enabled: false } } } },
      { cluster: { cloudConfig: { awsEBSCSIDriver: { managed: false } } } },
    ],
    [
      'names after addresses with IPv6',
      'spec.cloudConfig.useIPBasedNodeNames',
      { options: { ipv6: true, networking: 'calico' }, cluster: { cloudConfig: { useIPBasedNodeNames: true } } },
      { cluster: { cloudConfig: { useIPBasedNodeNames: true } } },
    ],
    [
      'security groups of no mode',
      'spec.cloudConfig.nlbSecurityGroupMode',
      { cluster: { cloudConfig: { nlbSecurityGroupMode: 'Own' } } },
      { cluster: { cloudConfig: { nlbSecurityGroupMode: 'Managed' } } },
    ],
  ],
};

describe.each(Object.entries(cases))('rules about %s', (_group, list) => {
  it.each(list)('refuse %s', (...rule) => expectRule(rule));
});
