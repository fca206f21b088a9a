import { describe, expect, it } from 'vitest';
import { balancerWish } from '../../../providers/aws/controllers/balancer-wish.ts';
import { isCloudError } from '../../../src/cloud/errors.ts';
import type { Service } from '../../../src/kube/objects.ts';

const cluster = 'demo.example.com';
const prefix = 'service.beta.kubernetes.io/aws-load-balancer-';

function service(annotations: Record<string, string> = {}, spec: Partial<Service['spec']> = {}): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'web',
      namespace: 'shop',
      uid: '7e6b0f0a-5a0f-4f3e-9d57-0c9ed1b0f111',
      annotations: Object.fromEntries(Object.entries(annotations).map(([name, value]) => [name.includes('/') ? name : prefix + name, value])),
    },
    spec: { type: 'LoadBalancer', ports: [{ name: 'http', port: 80, nodePort: 30080 }], ...spec },
  };
}

const wish = (...given: Parameters<typeof service>) => balancerWish(cluster, service(...given));
const certificates = { 'ssl-cert': 'arn:aws:acm:us-east-1:1:certificate/a, arn:aws:acm:us-east-1:1:certificate/b' };
const twoPorts = {
  ports: [
    { name: 'http', port: 80, nodePort: 30080 },
    { name: 'https', port: 443, nodePort: 30443 },
  ],
};
const dns = { ports: [53].flatMap((port) => (['UDP', 'TCP'] as const).map((protocol) => ({ name: protocol.toLowerCase(), protocol, port, nodePort: 30053 }))) };

describe('the load balancer a Service asks for', () => {
  it('is a public network load balancer in the name of the Service', () => {
    const { name, scheme, tags, sourceRanges, ports, attributes } = wish();
    expect({ name, scheme, sourceRanges }).toEqual({ name: 'a7e6b0f0a5a0f4f3e9d570c9ed1b0f11', scheme: 'internet-facing', sourceRanges: ['0.0.0.0/0'] });
    expect(tags).toMatchObject({ 'kubernetes.io/service-name': 'shop/web', [`kubernetes.io/cluster/${cluster}`]: 'owned' });
    expect(attributes).toEqual({ 'load_balancing.cross_zone.enabled': 'false', 'access_logs.s3.enabled': 'false' });
    expect(ports).toMatchObject([{ port: 80, protocol: 'TCP', targetGroup: { port: 30080, protocol: 'TCP', healthCheck: { protocol: 'TCP', port: 'traffic-port' } } }]);
  });

  it.each<[string, Record<string, string>, Partial<Service['spec']>, object]>([
    ['internal as in-tree Kubernetes says it', { internal: '0.0.0.0/0' }, {}, { scheme: 'internal' }],
    ['internal as the AWS controller says it', { scheme: 'internal', type: 'external', 'nlb-target-type': 'instance' }, {}, { scheme: 'internal' }],
    ['both families', { 'ip-address-type': 'dualstack' }, {}, { sourceRanges: ['0.0.0.0/0', '::/0'] }],
    ['source ranges of the spec', {}, { loadBalancerSourceRanges: ['10.0.0.0/8', ' 10.0.0.0/8 '] }, { sourceRanges: ['10.0.0.0/8'] }],
    [
      'source ranges of the annotation',
      { 'service.beta.kubernetes.io/load-balancer-source-ranges': '10.0.0.0/8,192.168.0.0/16' },
      {},
      { sourceRanges: ['10.0.0.0/8', '192.168.0.0/16'] },
    ],
    [
      'tags that do not take ours',
      { 'additional-resource-tags': 'team=shop,KubernetesCluster=other' },
      {},
      { tags: expect.objectContaining({ team: 'shop', KubernetesCluster: cluster }) },
    ],
    [
      'access logs and cross-zone',
      { 'access-log-enabled': 'true', 'access-log-s3-bucket-name': 'logs', 'access-log-s3-bucket-prefix': 'web', 'cross-zone-load-balancing-enabled': 'true' },
      {},
      {
        attributes: {
          'load_balancing.cross_zone.enabled': 'true',
          'access_logs.s3.enabled': 'true',
          'access_logs.s3.bucket': 'logs',
          'access_logs.s3.prefix': 'web',
        },
      },
    ],
    [
      'TLS on one port of two, to a TLS backend',
      { ...certificates, 'ssl-ports': 'https', 'backend-protocol': 'ssl', 'ssl-negotiation-policy': 'ELBSecurityPolicy-TLS13-1-2-2021-06' },
      twoPorts,
      {
        ports: [
          expect.objectContaining({ port: 80, protocol: 'TCP', certificates: [] }),
          expect.objectContaining({
            port: 443,
            protocol: 'TLS',
            sslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
            certificates: ['arn:aws:acm:us-east-1:1:certificate/a', 'arn:aws:acm:us-east-1:1:certificate/b'],
            targetGroup: expect.objectContaining({ protocol: 'TLS' }),
          }),
        ],
      },
    ],
    [
      'TCP and UDP of one port in one listener',
      {},
      dns,
      { ports: [expect.objectContaining({ port: 53, protocol: 'TCP_UDP', targetGroup: expect.objectContaining({ protocol: 'TCP_UDP' }) })] },
    ],
    [
      'health by the proxy of nodes that have a pod',
      {},
      { externalTrafficPolicy: 'Local', healthCheckNodePort: 32000 },
      {
        ports: [
          expect.objectContaining({
            targetGroup: expect.objectContaining({
              healthCheck: { protocol: 'HTTP', port: '32000', path: '/healthz', intervalSeconds: 10, healthyThresholdCount: 2, unhealthyThresholdCount: 2 },
            }),
          }),
        ],
      },
    ],
    [
      'health as the user has it',
      {
        'healthcheck-protocol': 'http',
        'healthcheck-path': '/ready',
        'healthcheck-port': '8080',
        'healthcheck-interval': '30',
        'healthcheck-timeout': '6',
        'healthcheck-healthy-threshold': '4',
        'healthcheck-unhealthy-threshold': '5',
      },
      {},
      {
        ports: [
          expect.objectContaining({
            targetGroup: expect.objectContaining({
              healthCheck: { protocol: 'HTTP', port: '8080', path: '/ready', intervalSeconds: 30, timeoutSeconds: 6, healthyThresholdCount: 4, unhealthyThresholdCount: 5 },
            }),
          }),
        ],
      },
    ],
    [
      'proxy protocol, draining and affinity as attributes of the target group',
      { 'proxy-protocol': '*', 'connection-draining-enabled': 'false', 'target-group-attributes': 'preserve_client_ip.enabled=false' },
      { sessionAffinity: 'ClientIP' },
      {
        ports: [
          expect.objectContaining({
            targetGroup: expect.objectContaining({
              attributes: {
                'deregistration_delay.timeout_seconds': '0',
                'proxy_protocol_v2.enabled': 'true',
                'stickiness.enabled': 'true',
                'stickiness.type': 'source_ip',
                'preserve_client_ip.enabled': 'false',
              },
            }),
          }),
        ],
      },
    ],
  ])('%s', (_what, annotations, spec, expected) => {
    expect(wish(annotations, spec)).toMatchObject(expected);
  });

  it.each<[string, Record<string, string>, Partial<Service['spec']>, RegExp]>([
    ['other types', { type: 'nlb-ip' }, {}, /type: nlb-ip: only network load balancers with instances/],
    ['pods as targets', { 'nlb-target-type': 'ip' }, {}, /nlb-target-type: ip: targets are instances/],
    ['two schemes', { internal: 'true', scheme: 'internet-facing' }, {}, /scheme: internet-facing: the annotation internal says internal/],
    ['a word nobody knows', { 'cross-zone-load-balancing-enable': 'true' }, {}, /did you mean .*cross-zone-load-balancing-enabled/],
    ['a classic setting', { 'connection-idle-timeout': '60' }, {}, /only classic load balancers/],
    ['a switch that is none', { 'cross-zone-load-balancing-enabled': 'yes' }, {}, /must be one of true, false/],
    ['a number out of range', { 'healthcheck-interval': '1' }, {}, /whole number from 5 to 300/],
    ['a path for TCP', { 'healthcheck-path': '/x' }, {}, /needs healthcheck-protocol/],
    ['logs to nowhere', { 'access-log-enabled': 'true' }, {}, /needs access-log-s3-bucket-name/],
    ['public addresses inside', { scheme: 'internal', 'eip-allocations': 'eipalloc-1' }, {}, /no public addresses/],
    ['private addresses outside', { 'private-ipv4-addresses': '10.0.0.1' }, {}, /only an internal load balancer/],
    ['one address for two subnets', { 'eip-allocations': 'eipalloc-1', subnets: 'subnet-1,subnet-2' }, {}, /one is needed for each subnet/],
    ['groups and ranges', { 'security-groups': 'sg-1' }, { loadBalancerSourceRanges: ['10.0.0.0/8'] }, /source ranges/],
    ['TLS without a certificate', { 'ssl-ports': '443' }, {}, /needs ssl-cert/],
    ['TLS on a port that is not there', { ...certificates, 'ssl-ports': '8443' }, {}, /no port 8443/],
    ['TLS over UDP', { ...certificates, 'ssl-ports': '53' }, { ports: [{ port: 53, protocol: 'UDP', nodePort: 30053 }] }, /not only TCP/],
    ['HTTP behind', { ...certificates, 'backend-protocol': 'http' }, {}, /must be one of tcp, ssl, tls/],
    ['affinity with TLS', certificates, { sessionAffinity: 'ClientIP' }, /not possible with TLS/],
    ['SCTP', {}, { ports: [{ port: 80, protocol: 'SCTP', nodePort: 30080 }] }, /SCTP/],
    ['no node port', {}, { ports: [{ port: 80 }] }, /has no node port/],
    ['two node ports for one listener', {}, { ports: dns.ports.map((port, i) => ({ ...port, nodePort: 30053 + i })) }, /same nodePort/],
    ['an address of the spec', {}, { loadBalancerIP: '1.2.3.4' }, /loadBalancerIP/],
  ])('refuses %s and names the Service', (_what, annotations, spec, message) => {
    let error: unknown;
    try {
      wish(annotations, spec);
    } catch (thrown) {
      error = thrown;
    }
    expect(isCloudError(error, 'invalid') && error.message).toMatch(message);
    expect((error as Error).message).toContain('shop/web');
  });

  it('gives another target group only what a target group cannot change', () => {
    const name = (...given: Parameters<typeof service>) => wish(...given).ports[0]?.targetGroup.name;
    expect(name({ 'healthcheck-interval': '30' })).toBe(name());
    expect(name({}, { ports: [{ port: 8080, nodePort: 30080 }] })).toBe(name());
    expect(name({}, { ports: [{ port: 80, nodePort: 30081 }] })).not.toBe(name());
    expect(name()).toMatch(/^[a-z0-9-]{1,32}$/);
  });
});
