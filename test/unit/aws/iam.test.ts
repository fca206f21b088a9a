import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ref } from '../../../src/cloud/resource.ts';
import { attributesOf, clusterName, modelOf, namesOf, templateOf, type Wish } from './model-of.ts';

interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: string | string[];
  Condition?: Record<string, Record<string, unknown>>;
}

const list = (value: string | string[]) => (Array.isArray(value) ? value : [value]);

function statementsOf(name: string, wish: Wish = {}): Statement[] {
  const resources = modelOf(wish);
  if (!namesOf('IAMRolePolicy', resources).includes(name)) return [];
  return JSON.parse(attributesOf('IAMRolePolicy', name, resources).policyDocument).Statement;
}

const actionsOf = (statements: readonly Statement[]) => new Set(statements.flatMap(({ Action }) => list(Action)));
const masters = `masters.${clusterName}`;
const nodes = `nodes.${clusterName}`;

describe('roles of instances', () => {
  it('are one for each role in use', () => {
    const more = { apis: { role: 'APIServer' }, hosts: { role: 'Bastion', subnets: ['outer'] } };
    const resources = modelOf({ more });
    const expected = [masters, `apiservers.${clusterName}`, nodes, `bastions.${clusterName}`];
    expect(namesOf('IAMRole', resources)).toEqual(expected);
    expect(namesOf('IAMInstanceProfile', resources)).toEqual(expected);
    expect(attributesOf('IAMInstanceProfile', nodes, resources)).toMatchObject({ instanceProfileName: nodes, roleName: ref('IAMRole', nodes) });
    expect(JSON.parse(attributesOf('IAMRole', nodes, resources).assumeRolePolicy).Statement[0].Principal).toEqual({ Service: 'ec2.amazonaws.com' });
  });

  it('are not made where groups bring a profile', () => {
    const profile = 'arn:aws:iam::111122223333:instance-profile/path/theirs';
    const wish = { nodes: { iam: { profile } } };
    expect(namesOf('IAMRole', modelOf(wish))).toEqual([masters]);
    expect(templateOf(wish).iamInstanceProfileName).toBe('theirs');
    const mixed = modelOf({ ...wish, more: { plain: { role: 'Node' } } });
    expect(namesOf('IAMRole', mixed)).toEqual([masters, nodes]);
  });

  it('have names that AWS takes, however long the cluster is called', () => {
    const name = 'a-cluster-with-a-name-that-goes-on-and-on.and-on.and-on.example.com';
    const [first = ''] = namesOf('IAMRole', modelOf({ name }));
    expect(first).toHaveLength(64);
    expect(first).toMatch(/^masters\.a-cluster-with-a-name-that-goes-on-and-on\..*-[0-9a-v]{6}$/);
  });

  it('have boundaries and policies that the user adds', () => {
    const iam = { permissionsBoundary: 'arn:aws:iam::111122223333:policy/limit' };
    const additionalPolicies = { master: '[{"Effect":"Allow","Action":["s3:GetObject"],"Resource":["*"]}]', node: '[{"Effect":"Deny","Action":"iam:*","Resource":"*"}]' };
    const externalPolicies = { node: ['arn:aws:iam::aws:policy/B', 'arn:aws:iam::aws:policy/A'], 'control-plane': ['arn:aws:iam::aws:policy/C'] };
    const resources = modelOf({ cluster: { iam, additionalPolicies, externalPolicies } });
    expect(attributesOf('IAMRole', masters, resources).permissionsBoundary).toBe(iam.permissionsBoundary);
    expect(JSON.parse(attributesOf('IAMRolePolicy', `additional.${nodes}`, resources).policyDocument).Statement).toEqual([{ Effect: 'Deny', Action: 'iam:*', Resource: '*' }]);
    expect(namesOf('IAMRolePolicy', resources)).toContain(`additional.${masters}`);
    expect(namesOf('IAMRolePolicyAttachment', resources)).toEqual([
      `${masters}:arn:aws:iam::aws:policy/C`,
      `${nodes}:arn:aws:iam::aws:policy/A`,
      `${nodes}:arn:aws:iam::aws:policy/B`,
    ]);
  });
});

describe('what instances may do', () => {
  it('is nothing for bastions, and for workers nothing but what the spec asks for', () => {
    const more = { hosts: { role: 'Bastion', subnets: ['outer'] } };
    expect(namesOf('IAMRolePolicy', modelOf({ more, cluster: { iam: { allowContainerRegistry: false } } }))).toEqual([masters]);
  });

  const asked: [string, Wish, string[]][] = [
    ['images', { cluster: { iam: { allowContainerRegistry: true } } }, ['ecr:GetAuthorizationToken', 'ecr:BatchGetImage']],
    ['kops-ts from a bucket', { input: { software: { version: '1', sha256: '0', url: 's3://state/kops-ts.tgz' } } }, ['s3:GetObject']],
    ['a warm pool', { cluster: { warmPool: { enableLifecycleHook: true } } }, ['autoscaling:CompleteLifecycleAction']],
    ['addresses for pods', { cluster: { networking: { amazonvpc: {} } } }, ['ec2:AssignPrivateIpAddresses', 'ec2:CreateTags']],
    ['packets of pods', { cluster: { networking: { calico: {} } } }, ['ec2:ModifyNetworkInterfaceAttribute']],
    ['packets of pods, too', { cluster: { networking: { kuberouter: {} } } }, ['ec2:ModifyInstanceAttribute']],
    ['packets of pods with kindnet', { cluster: { networking: { kindnet: {} } } }, ['ec2:ModifyInstanceAttribute']],
    ['copies of images', { cluster: { containerd: { useECRCredentialsForMirrors: true } } }, ['ecr:BatchImportUpstreamImage', 'ecr:CreateRepository']],
    ['IPv6', { cluster: { nonMasqueradeCIDR: '::/0' } }, ['ec2:AssignIpv6Addresses']],
  ];
  it.each(asked)('workers: %s', (_name, wish, actions) => {
    expect([...actionsOf(statementsOf(nodes, wish))]).toEqual(expect.arrayContaining(actions));
  });

  it('the control plane drains nodes itself, also where add-ons have roles of their own', () => {
    const draining = ['sqs:DeleteMessage', 'sqs:ReceiveMessage', 'autoscaling:CompleteLifecycleAction'];
    const iam = { useServiceAccountExternalPermissions: true };
    expect([...actionsOf(statementsOf(masters, { cluster: { iam } }))]).toEqual(expect.arrayContaining(draining));
    expect(actionsOf(statementsOf(masters, { cluster: { nodeTerminationHandler: { enabled: false } } }))).not.toContain('sqs:ReceiveMessage');
  });

  it('calico needs nothing where it leaves the check alone', () => {
    expect(statementsOf(nodes, { cluster: { networking: { calico: { awsSrcDstCheck: 'DoNothing' } } } })).toEqual([]);
  });

  it('reads no more than the cluster in the bucket', () => {
    const reads = statementsOf(masters).filter(({ Action }) => list(Action).some((action) => action.startsWith('s3:')));
    expect(reads).toEqual([{ Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::state/${clusterName}/*` }]);
  });

  it('reads etcd in a bucket only where several members need it', () => {
    const software = { version: '1', sha256: '0', url: 'https://files.example.com/kops-ts.tgz', etcdMirror: 's3://mirror/etcd' };
    const readsOf = (name: string, members: string[]) => {
      const etcdClusters = [{ name: 'main', etcdMembers: members.map((member) => ({ name: member, instanceGroup: 'cp' })) }];
      return statementsOf(name, { cluster: { etcdClusters }, input: { software } }).flatMap(({ Resource }) => list(Resource).filter((resource) => resource.includes('mirror')));
    };
    expect(readsOf(masters, ['a', 'b', 'c'])).toEqual(['arn:aws:s3:::mirror/etcd/*']);
    expect(readsOf(masters, ['a'])).toEqual([]);
    expect(readsOf(nodes, ['a', 'b', 'c'])).toEqual([]);
  });

  it('changes no more than the cluster: by its tag, by name, or in what it makes', () => {
    const cluster = { iam: { allowContainerRegistry: true }, etcdClusters: [{ name: 'main', etcdMembers: [{ name: 'a', instanceGroup: 'cp', kmsKeyId: 'k-1' }] }] };
    const free = statementsOf(masters, { cluster }).filter(({ Resource, Condition }) => list(Resource).includes('*') && !Condition);
    expect([...actionsOf(free)].filter((action) => !/:(Describe|Get|List)/.test(action))).toEqual([]);
  });

  it('covers every call of the cloud controllers', () => {
    const folder = join(import.meta.dirname, '../../../providers/aws/controllers');
    const sources = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
    const services: Record<string, string> = { ec2: 'ec2', elb: 'elasticloadbalancing' };
    const calls = sources.flatMap((text) =>
      [...text.matchAll(/\b(ec2|elb)\.([a-z]\w+)\(/g)].map(([, service = '', call = '']) => `${services[service]}:${call[0]?.toUpperCase()}${call.slice(1)}`),
    );
    const allowed = actionsOf(statementsOf(masters));
    expect(calls.length).toBeGreaterThan(20);
    expect([...new Set(calls)].filter((action) => !allowed.has(action))).toEqual([]);
  });

  it('writes names only into the zone of the cluster, and none without DNS', () => {
    const zone = statementsOf(masters).filter(({ Action }) => list(Action).includes('route53:ChangeResourceRecordSets'));
    expect(zone.map(({ Resource }) => Resource)).toEqual(['arn:aws:route53:::hostedzone/Z1SHOP']);
    const without = [...actionsOf(statementsOf(masters, { cluster: { topology: { dns: { type: 'None' } } } }))];
    expect(without.filter((action) => action.startsWith('route53:'))).toEqual([]);
  });

  it('speaks of the partition it is in', () => {
    const facts = { account: { id: '1', partition: 'aws-cn' } };
    expect(statementsOf(masters, { facts })[0]?.Resource).toBe(`arn:aws-cn:s3:::state/${clusterName}/*`);
    expect(attributesOf('IAMRole', masters, modelOf({ facts })).assumeRolePolicy).toContain('ec2.amazonaws.com.cn');
  });
});

describe('roles of service accounts', () => {
  const discovery = { discoveryStore: 's3://public/shop', enableAWSOIDCProvider: true, additionalAudiences: ['vault'] };
  const irsa = { serviceAccountIssuerDiscovery: discovery, iam: { useServiceAccountExternalPermissions: true } };
  const accountsOf = (cluster: Record<string, unknown>) =>
    namesOf('IAMRole', modelOf({ cluster }))
      .filter((name) => name.includes('.sa.'))
      .map((name) => name.split('.kube-system.')[0]);

  it('are for the add-ons of the cluster', () => {
    const always = ['aws-cloud-controller-manager', 'ebs-csi-controller-sa'];
    expect(accountsOf({})).toEqual([]);
    expect(accountsOf(irsa)).toEqual(['dns-controller', 'aws-node-termination-handler', ...always]);
    const many = {
      ...irsa,
      topology: { dns: { type: 'None' } },
      karpenter: { enabled: true },
      clusterAutoscaler: { enabled: true },
      awsLoadBalancerController: { enabled: true },
      networking: { kuberouter: {} },
      certManager: { enabled: true, hostedZoneIDs: ['Z9'] },
      cloudConfig: { awsEBSCSIDriver: { managed: false } },
    };
    expect(accountsOf(many)).toEqual(['cluster-autoscaler', 'aws-load-balancer-controller', 'kube-router', 'aws-cloud-controller-manager', 'karpenter', 'cert-manager']);
    expect(accountsOf({ ...irsa, externalDns: { provider: 'external-dns' } })).toContain('external-dns');
    const unasked = { ...irsa, externalDns: { provider: 'none' }, clusterAutoscaler: {}, awsLoadBalancerController: {} };
    expect(accountsOf(unasked)).toEqual(['aws-node-termination-handler', ...always]);
  });

  it('trust tokens of that account alone', () => {
    const resources = modelOf({ cluster: irsa });
    const role = attributesOf('IAMRole', `dns-controller.kube-system.sa.${clusterName}`, resources);
    expect(role.tags).toMatchObject({ 'service-account.kops.k8s.io/name': 'dns-controller', 'service-account.kops.k8s.io/namespace': 'kube-system' });
    const issuer = 'public.s3.eu-west-1.amazonaws.com/shop';
    expect(JSON.parse(role.assumeRolePolicy).Statement).toEqual([
      {
        Effect: 'Allow',
        Principal: { Federated: `arn:aws:iam::111122223333:oidc-provider/${issuer}` },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: { StringEquals: { [`${issuer}:sub`]: 'system:serviceaccount:kube-system:dns-controller' } },
      },
    ]);
    expect(attributesOf('IAMOIDCProvider', clusterName, resources)).toMatchObject({ url: `https://${issuer}`, clientIdList: ['amazonaws.com', 'vault'] });
  });

  it('are made for accounts of the user', () => {
    const inlinePolicy = '[{"Effect":"Allow","Action":"dynamodb:*","Resource":"*"}]';
    const serviceAccountExternalPermissions = [
      { name: 'app', namespace: 'default', aws: { policyARNs: ['arn:aws:iam::1:policy/p'] } },
      { name: 'job', namespace: 'batch-*', aws: { inlinePolicy } },
    ];
    const resources = modelOf({ cluster: { ...irsa, iam: { serviceAccountExternalPermissions } } });
    const [app, job] = [`app.default.sa.${clusterName}`, `job.batch-wildcard.sa.${clusterName}`];
    expect(namesOf('IAMRole', resources)).toEqual([masters, nodes, app, job]);
    expect(namesOf('IAMRolePolicy', resources)).toEqual([masters, job]);
    expect(namesOf('IAMRolePolicyAttachment', resources)).toEqual([`${app}:arn:aws:iam::1:policy/p`]);
    expect(attributesOf('IAMRole', job, resources).assumeRolePolicy).toContain('"StringLike"');
    expect(attributesOf('IAMRole', job, resources).tags).toMatchObject({ 'service-account.kops.k8s.io/namespace': 'batch-wildcard' });
  });

  it('change only what is the cluster’s', () => {
    const cluster = { ...irsa, clusterAutoscaler: { enabled: true }, awsLoadBalancerController: { enabled: true }, snapshotController: { enabled: true } };
    const resources = modelOf({ cluster });
    const free = resources
      .filter(({ kind, name }) => kind === 'IAMRolePolicy' && name.includes('.sa.'))
      .flatMap(({ attributes }) => JSON.parse(String(attributes.policyDocument)).Statement as Statement[])
      .filter(({ Resource, Condition }) => list(Resource).includes('*') && !Condition);
    expect([...actionsOf(free)].filter((action) => !/:(Describe|Get|List)/.test(action))).toEqual([]);
  });

  const issuers: [string, Record<string, unknown>, string][] = [
    ['a bucket', { serviceAccountIssuerDiscovery: { ...discovery, discoveryStore: 's3://public' } }, 'https://public.s3.eu-west-1.amazonaws.com'],
    ['a bucket over IPv6', { nonMasqueradeCIDR: '::/0' }, 'https://public.s3.dualstack.eu-west-1.amazonaws.com/shop'],
    ['what the user says', { kubeAPIServer: { serviceAccountIssuer: 'https://id.example.com' } }, 'https://id.example.com'],
  ];
  it.each(issuers)('the issuer is %s', (_name, cluster, url) => {
    expect(attributesOf('IAMOIDCProvider', clusterName, modelOf({ cluster: { ...irsa, ...cluster } })).url).toBe(url);
  });
});
