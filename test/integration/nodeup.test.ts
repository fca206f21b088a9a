import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { EC2 } from '@aws-sdk/client-ec2';
import { S3 } from '@aws-sdk/client-s3';
import { STS } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AwsApi } from '../../providers/aws/api/clients.ts';
import { nodeRelease } from '../../providers/aws/bootstrap/node-release.ts';
import { awsUserData } from '../../providers/aws/bootstrap/user-data.ts';
import { etcdPeers } from '../../providers/aws/machine/etcd-volume.ts';
import { nodeDocuments } from '../../src/bootstrap/node-documents.ts';
import { packSoftware } from '../../src/bootstrap/software/pack.ts';
import { packageRoot } from '../../src/bootstrap/software/package-root.ts';
import { publishedSoftware } from '../../src/bootstrap/software/publish.ts';
import type { NodeDocument } from '../../src/cloud/provider.ts';
import { createHttpsClient, type HttpsClient } from '../../src/kube/https-client.ts';
import type { KubeObject, NodeObject, Pod, Service } from '../../src/kube/objects.ts';
import { resourceTypes } from '../../src/kube/resource-types.ts';
import { realClock } from '../../src/lib/clock.ts';
import { silentLog } from '../../src/lib/log.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { mergeKubeconfig } from '../../src/operations/kubeconfig.ts';
import { adminRequest } from '../../src/pki/certificate-requests.ts';
import { authorityOf, createKeyset, formatKeyset, keysetNames, trustBundle } from '../../src/pki/keyset.ts';
import type { CompletedCluster, InstanceGroup } from '../../src/spec/types.ts';
import { Ec2Machine, type MachineOptions, nodeArchive } from './ec2-machine.ts';
import { motoMissing, startMoto } from './moto.ts';

const clusterName = 'demo.example.com';
/** Of this process alone: other test runs on the machine have others. */
const block = `127.${200 + (process.pid % 50)}`;
const zone = 'us-east-1a';
const kubectlMissing = spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' }).status === 0 ? '' : ' (skipped: kubectl is not installed)';
const privileged = process.platform === 'linux' && process.getuid?.() === 0;
const skipped = motoMissing || (privileged ? '' : ' (skipped: ports 443 and 80 on addresses of 127.0.0.0/8 need Linux and root)');

const completed: CompletedCluster = {
  cluster: {
    apiVersion: 'kops.k8s.io/v1alpha2',
    kind: 'Cluster',
    metadata: { name: clusterName },
    spec: {
      kubernetesVersion: '1.34.0',
      networkCIDR: `${block}.0.0/18`,
      podCIDR: `${block}.64.0/18`,
      serviceClusterIPRange: `${block}.128.0/18`,
      kubeDNS: { serverIP: `${block}.128.10` },
      configBase: `s3://state/${clusterName}`,
    },
  },
  instanceGroups: [group('control-plane-1a', 'Master'), group('nodes-1a', 'Node')],
  provenance: { cluster: {}, instanceGroups: {} },
};

function group(name: string, role: 'Master' | 'Node'): InstanceGroup {
  return { apiVersion: 'kops.k8s.io/v1alpha2', kind: 'InstanceGroup', metadata: { name }, spec: { role } };
}

/** What `update cluster --yes` leaves behind: documents in the bucket, instances with tags and roles, the disk of etcd. */
class Account {
  readonly ec2: EC2;
  private readonly s3: S3;
  private readonly sts: STS;
  private readonly endpoint: string;
  subnet = '';

  constructor(endpoint: string) {
    const config = { region: 'us-east-1', endpoint, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
    this.ec2 = new EC2(config);
    this.s3 = new S3({ ...config, forcePathStyle: true });
    this.sts = new STS(config);
    this.endpoint = endpoint;
  }

  async prepare(documents: readonly NodeDocument[]): Promise<string> {
    await this.s3.createBucket({ Bucket: 'state' });
    for (const { path, content, base64 } of documents) {
      await this.s3.putObject({ Bucket: 'state', Key: `${clusterName}/${path}`, Body: Buffer.from(content, base64 ? 'base64' : 'utf8') });
    }
    const { Vpc } = await this.ec2.createVpc({ CidrBlock: `${block}.0.0/16` });
    const { Subnet } = await this.ec2.createSubnet({ VpcId: Vpc?.VpcId, CidrBlock: `${block}.0.0/18`, AvailabilityZone: zone });
    this.subnet = Subnet?.SubnetId ?? '';
    const table = tagList({ KubernetesCluster: clusterName, [`kubernetes.io/cluster/${clusterName}`]: 'owned' });
    await this.ec2.createRouteTable({ VpcId: Vpc?.VpcId, TagSpecifications: [{ ResourceType: 'route-table', Tags: table }] });
    const tags = { Name: `a.etcd-main.${clusterName}`, KubernetesCluster: clusterName, 'k8s.io/etcd/main': 'a/a', 'k8s.io/role/control-plane': '1' };
    const volume = await this.ec2.createVolume({ AvailabilityZone: zone, Size: 1, TagSpecifications: [{ ResourceType: 'volume', Tags: tagList(tags) }] });
    return volume.VolumeId ?? '';
  }

  async machine(name: string, role: string, ip: string, userData: string, volumeId?: string): Promise<Ec2Machine> {
    const tags = {
      KubernetesCluster: clusterName,
      [`kubernetes.io/cluster/${clusterName}`]: 'owned',
      'kops.k8s.io/instancegroup': name,
      ...(role === 'masters' ? { 'k8s.io/role/control-plane': '1' } : { 'k8s.io/role/node': '1' }),
    };
    const { Instances = [] } = await this.ec2.runInstances({
      ImageId: 'ami-12c6146b',
      InstanceType: 't3.medium',
      MinCount: 1,
      MaxCount: 1,
      SubnetId: this.subnet,
      PrivateIpAddress: ip,
      TagSpecifications: [{ ResourceType: 'instance', Tags: tagList(tags) }],
    });
    const { InstanceId: instanceId = '', PrivateDnsName: hostname = '' } = Instances[0] ?? {};
    const { Credentials } = await this.sts.assumeRole({ RoleArn: `arn:aws:iam::123456789012:role/${role}.${clusterName}`, RoleSessionName: instanceId });
    const credentials = { AccessKeyId: Credentials?.AccessKeyId ?? '', SecretAccessKey: Credentials?.SecretAccessKey ?? '', Token: Credentials?.SessionToken ?? '' };
    const options: MachineOptions = {
      instanceId,
      hostname,
      privateIp: ip,
      network: `${block}.0.0/18`,
      zone,
      userData,
      role: `${role}.${clusterName}`,
      credentials,
      endpoint: this.endpoint,
    };
    return new Ec2Machine({ ...options, ...(volumeId === undefined ? {} : { volumeId }) });
  }
}

function tagList(tags: Record<string, string>) {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

describe.skipIf(skipped)(`instances of EC2 boot into a cluster${skipped}`, () => {
  const workerIp = `${block}.0.20`;
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let account: Account;
  let client: HttpsClient;
  let controlPlane: Ec2Machine;
  let worker: Ec2Machine;
  let volumeId = '';

  beforeAll(async () => {
    moto = await startMoto();
    const environment = { clock: realClock, random: systemRandom };
    const [authority, accounts] = await Promise.all([createKeyset(keysetNames.certificateAuthority, environment), createKeyset(keysetNames.serviceAccount, environment)]);
    const keysets = { [authority.name]: formatKeyset(authority), [accounts.name]: formatKeyset(accounts) };
    const certificateAuthority = trustBundle(authority);
    const { documents, userData } = nodeDocuments({
      completed,
      provider: 'aws',
      keysets,
      certificateAuthority,
      store: 'wal',
      storeMembers: 1,
      workerIdentities: [`nodes.${clusterName}`],
      configBase: completed.cluster.spec.configBase ?? '',
    });
    const published = publishedSoftware(await packSoftware(packageRoot()), completed.cluster, { KOPS_TS_NODE_MIRROR: `s3://state/${clusterName}/dist` });
    const { version, archives } = nodeRelease;
    const node = nodeArchive(`node-${version}-linux-x64`);
    const mirror = [archives.x86_64, archives.aarch64].map(({ architecture }) => ({
      path: `dist/${version}/node-${version}-linux-${architecture}.tar.xz`,
      content: node.toString('base64'),
      base64: true,
      roles: [],
      secret: false,
    }));
    account = new Account(moto.endpoint);
    volumeId = await account.prepare([...documents, ...published.documents, ...mirror]);
    const scripts = awsUserData({ completed, userData, software: published.software });
    const checksums = new RegExp(
      Object.values(archives)
        .map((archive) => archive.sha256)
        .join('|'),
      'g',
    );
    const script = (group: string) => (scripts[group] ?? '').replace(checksums, createHash('sha256').update(node).digest('hex'));
    controlPlane = await account.machine('control-plane-1a', 'masters', `${block}.0.10`, script('control-plane-1a'), volumeId);
    worker = await account.machine('nodes-1a', 'nodes', workerIp, script('nodes-1a'));
    const admin = await authorityOf(authority, environment).issue(adminRequest('test'));
    const address = { server: `https://${block}.0.10:443`, certificateAuthority };
    const entry = { ...address, name: clusterName, tlsServerName: `api.internal.${clusterName}`, clientCertificate: admin.certificatePem, clientKey: admin.privateKeyPem };
    writeFileSync(join(controlPlane.root, 'kubeconfig'), mergeKubeconfig(undefined, entry, 'kubeconfig'));
    client = createHttpsClient({
      clock: realClock,
      ...address,
      serverName: `api.internal.${clusterName}`,
      clientCertificate: { certificate: admin.certificatePem, privateKey: admin.privateKeyPem },
    });
    // Whoever is first waits for the other.
    await Promise.all([worker.launch(), controlPlane.launch()]);
  }, 150_000);

  afterAll(async () => {
    client?.close();
    await Promise.all([worker?.remove(), controlPlane?.remove()]);
    await moto?.stop();
  });

  const logs = () => `control plane:\n${controlPlane.log}\nworker:\n${worker.log}`;
  /** Asks until there is an answer; both logs when there is none. */
  const eventually = <T>(what: string, look: () => Promise<T | undefined>): Promise<T> =>
    vi.waitFor(
      async () => {
        const found = await look().catch((error: unknown) => Promise.reject(new Error(`${what}: ${error}\n${logs()}`)));
        if (found === undefined) throw new Error(`not yet: ${what}\n${logs()}`);
        return found;
      },
      { timeout: 40_000, interval: 100 },
    );
  const kubectl = async (...args: string[]): Promise<string> => {
    const env = { PATH: process.env.PATH, HOME: controlPlane.root, KUBECONFIG: join(controlPlane.root, 'kubeconfig'), no_proxy: '*' };
    return (await promisify(execFile)('kubectl', args, { env, timeout: 20_000 })).stdout;
  };
  const ready = ({ status }: NodeObject) => status?.conditions?.find(({ type }) => type === 'Ready')?.status;
  const nodes = async () => (await client.list<NodeObject>(resourceTypes.nodes)).items;
  const bothReady = () => eventually('two ready nodes', async () => ((await nodes()).filter((node) => ready(node) === 'True').length === 2 ? nodes() : undefined));

  it('both nodes are ready, with what EC2 says of them', async () => {
    const found = await bothReady();
    const described = await eventually('cloud controllers have been there', async () => {
      const all = await nodes();
      return all.every(({ spec }) => !spec.taints?.some(({ key }) => key.includes('uninitialized'))) ? all : undefined;
    });
    expect(found.map(({ spec }) => spec.providerID)).toEqual(described.map(({ spec }) => spec.providerID));
    const node = described.find(({ metadata }) => metadata.labels?.['kops.k8s.io/instancegroup'] === 'nodes-1a');
    expect(node?.metadata.labels).toMatchObject({ 'topology.kubernetes.io/zone': zone, 'node.kubernetes.io/instance-type': 't3.medium', 'node-role.kubernetes.io/node': '' });
    expect(node?.status?.addresses).toContainEqual({ type: 'InternalIP', address: workerIp });
  });

  it('the network routes the pods of each node to its instance', async () => {
    const routes = await eventually('two routes', async () => {
      const { RouteTables = [] } = await account.ec2.describeRouteTables({ Filters: [{ Name: 'tag:KubernetesCluster', Values: [clusterName] }] });
      const found = RouteTables.flatMap(({ Routes = [] }) => Routes.filter(({ InstanceId }) => InstanceId));
      return found.length === 2 ? found : undefined;
    });
    const wanted = (await nodes()).map(({ spec }) => `${spec.podCIDR} ${spec.providerID?.split('/').at(-1)}`);
    expect(routes.map(({ DestinationCidrBlock, InstanceId }) => `${DestinationCidrBlock} ${InstanceId}`).sort()).toEqual(wanted.sort());
  });

  it('the disk of etcd was attached, given a file system and mounted', () => {
    const device = join(controlPlane.root, `dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${volumeId.replace('-', '')}`);
    const mounted = join(controlPlane.root, `mnt/a.etcd-main.${clusterName}`);
    expect(readFileSync(join(controlPlane.root, 'calls'), 'utf8').split('\n')).toEqual(expect.arrayContaining([`mkfs.ext4 -q ${device}`, `mount -o noatime ${device} ${mounted}`]));
    expect(readdirSync(join(mounted, 'kops-ts')), 'files of the store').not.toEqual([]);
  });

  it('a member of etcd is where its disk is', async () => {
    const environment = { clock: realClock, random: systemRandom, log: silentLog, signal: new AbortController().signal, variables: {} };
    vi.stubEnv('AWS_ENDPOINT_URL', moto.endpoint).stubEnv('AWS_ACCESS_KEY_ID', 'test').stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
    const aws = new AwsApi('us-east-1', environment);
    expect(await etcdPeers({ aws, environment, clusterName, root: '' }, 'main')).toEqual([{ member: 'a', address: `${block}.0.10` }]);
    await aws.close();
    vi.unstubAllEnvs();
  });

  it('pods run on the worker; their addresses and their Service answer from other machines', async () => {
    const labels = { app: 'web' };
    const container = { name: 'web', image: 'nginx', ports: [{ containerPort: 80 }] };
    await client.create(resourceTypes.pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', namespace: 'default', labels },
      spec: { containers: [container] },
    } as KubeObject);
    const service = await client.create<Service>(resourceTypes.services, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'default' },
      spec: { selector: labels, ports: [{ port: 80 }] },
    } as Service);
    const pod = await eventually('a running pod', async () => {
      const found = await client.get<Pod>(resourceTypes.pods, 'default', 'web');
      return found.status?.phase === 'Running' && found.status.podIP ? found : undefined;
    });
    expect(pod.spec.nodeName).toBe((await nodes()).find(({ metadata }) => metadata.labels?.['node-role.kubernetes.io/node'] === '')?.metadata.name);
    expect(await fetched(pod.status?.podIP ?? '')).toContain('Welcome to nginx');
    await eventually('an answer of the Service', async () => ((await fetched(service.spec.clusterIP ?? '')).includes('Welcome to nginx') ? true : undefined));
  });

  it.skipIf(kubectlMissing)(`kubectl sees both nodes, and reaches into pods on another machine${kubectlMissing}`, async () => {
    const listed = (await kubectl('get', 'nodes', '--no-headers')).split('\n').filter(Boolean);
    expect(listed.map((line) => line.split(/\s+/)[1])).toEqual(['Ready', 'Ready']);
    expect(await kubectl('exec', 'web', '--', 'cat', '/etc/hostname')).toBe('web\n');
    expect(await kubectl('logs', 'web')).toMatch(/"GET \/ HTTP\/1\.1" 200/);
    await expect(kubectl('exec', 'web', '--', 'sh', '-c', 'exit 3')).rejects.toThrow('exit code 3');
  });

  it('a worker that stops says goodbye; started again it joins with what it kept', async () => {
    expect(await worker.stop(), logs()).toBe(0);
    await eventually('a node that is not ready', async () => ((await nodes()).some((node) => ready(node) === 'False') ? true : undefined));
    worker.start();
    await bothReady();
    const joined = controlPlane.log.match(/a worker joined/g);
    expect(joined, logs()).toHaveLength(1);
  });

  it('a control plane whose power goes comes back with all that it knew, and its worker finds it again', async () => {
    await controlPlane.stop('SIGKILL');
    controlPlane.start();
    const { metadata } = await eventually('the pod that ran before', () => client.get<Pod>(resourceTypes.pods, 'default', 'web'));
    expect(metadata.labels).toEqual({ app: 'web' });
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'again', namespace: 'default' }, spec: { containers: [{ name: 'web', image: 'nginx' }] } } as KubeObject;
    await client.create(resourceTypes.pods, pod);
    await eventually('a pod that runs on the worker', async () => ((await client.get<Pod>(resourceTypes.pods, 'default', 'again')).status?.phase === 'Running' ? true : undefined));
  });
});

function fetched(ip: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host: ip, port: 80, agent: false, timeout: 2_000 }, (response) => resolve(text(response)))
      .on('timeout', function (this: { destroy(error: Error): void }) {
        this.destroy(new Error('no answer'));
      })
      .on('error', reject);
  });
}
