import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AwsApi } from '../../../providers/aws/api/clients.ts';
import { awsCatalog } from '../../../providers/aws/catalog.ts';
import { createAwsProvider } from '../../../providers/aws/provider.ts';
import { awsSpec } from '../../../providers/aws/spec.ts';
import { type ConformanceCloud, providerConformance } from '../../../src/cloud/conformance.ts';
import type { CloudErrorClass } from '../../../src/cloud/errors.ts';
import type { ModelInput } from '../../../src/cloud/provider.ts';
import { completeCluster } from '../../../src/spec/complete.ts';
import type { Cluster, InstanceGroup } from '../../../src/spec/types.ts';
import { motoMissing, startMoto } from '../moto.ts';
import { allServices, type Fault, hastyEnvironment, injectFaults, untaggedByMoto } from './aws-cloud.ts';

const name = 'demo.example.com';
const apiVersion = 'kops.k8s.io/v1alpha2';
const image = 'ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';

function group(group: string, role: string, subnets: string[], more: object = {}): InstanceGroup {
  return {
    apiVersion,
    kind: 'InstanceGroup',
    metadata: { name: group },
    spec: { role, subnets, image, machineType: 't3.medium', minSize: 1, maxSize: 3, ...more },
  } as InstanceGroup;
}

const user = {
  cluster: {
    apiVersion,
    kind: 'Cluster',
    metadata: { name },
    spec: {
      cloudProvider: 'aws',
      configBase: `s3://state/${name}`,
      kubernetesVersion: 'v1.35.0',
      networkCIDR: '172.20.0.0/16',
      networking: { cni: {} },
      api: { loadBalancer: { type: 'Public', class: 'Network' } },
      sshAccess: ['0.0.0.0/0'],
      kubernetesApiAccess: ['0.0.0.0/0'],
      nodeTerminationHandler: { enabled: true, enableSQSTerminationDraining: true },
      subnets: ['a', 'b'].flatMap((letter, i) => [
        { name: `us-east-1${letter}`, type: 'Private', zone: `us-east-1${letter}`, cidr: `172.20.${64 + i * 32}.0/19` },
        { name: `utility-us-east-1${letter}`, type: 'Utility', zone: `us-east-1${letter}`, cidr: `172.20.${i * 4}.0/22` },
      ]),
      topology: { dns: { type: 'None' } },
      etcdClusters: ['main', 'events'].map((etcd) => ({ name: etcd, etcdMembers: [{ name: 'a', instanceGroup: 'control-plane-us-east-1a' }] })),
    },
  } as unknown as Cluster,
  instanceGroups: [
    group('control-plane-us-east-1a', 'Master', ['us-east-1a']),
    group('nodes-us-east-1a', 'Node', ['us-east-1a', 'us-east-1b'], { minSize: 2 }),
    group('bastions', 'Bastion', ['utility-us-east-1a']),
  ],
};

describe.skipIf(motoMissing !== '')(`aws${motoMissing}`, () => {
  let moto: { endpoint: string; stop(): Promise<void> };

  beforeAll(async () => {
    moto = await startMoto();
  });
  afterAll(() => moto?.stop());

  async function open(): Promise<ConformanceCloud> {
    await (await fetch(`${moto.endpoint}/moto-api/reset`, { method: 'POST' })).arrayBuffer();
    process.env.AWS_ENDPOINT_URL = moto.endpoint;
    const environment = hastyEnvironment(moto.endpoint);
    const aws = new AwsApi('us-east-1', environment);
    await (await aws.service('s3')).createBucket({ Bucket: 'state' });
    const provider = createAwsProvider(aws, { signal: environment.signal, configBase: `s3://state/${name}` });
    const completed = completeCluster(user, { catalog: awsCatalog, providerSpec: awsSpec, facts: {} });
    const facts = await provider.facts(name, awsSpec.modelReferences?.(completed) ?? {});
    const input: ModelInput = {
      completed,
      facts,
      userData: Object.fromEntries(completed.instanceGroups.filter(({ spec }) => spec.role !== 'Bastion').map(({ metadata }) => [metadata.name, `boot ${metadata.name}\n`])),
      documents: [
        { path: 'igconfig/node/nodes-us-east-1a/nodeupconfig.yaml', content: 'role: Node\n', roles: ['ControlPlane', 'Node'], secret: false, instanceGroup: 'nodes-us-east-1a' },
        { path: 'igconfig/control-plane/control-plane-us-east-1a/nodeupconfig.yaml', content: 'key: private\n', roles: ['ControlPlane'], secret: true },
      ],
      sshPublicKeys: [],
    };
    let fault: { left: number; how: Fault } | undefined;
    await injectFaults(aws, allServices, (command) => {
      if (!fault || --fault.left !== 0 || (fault.how === 'lostAnswer' && untaggedByMoto.has(command))) return undefined;
      return fault.how;
    });
    const failCall = (nth: number, how: CloudErrorClass) => {
      fault = { left: nth, how: how === 'ambiguous' ? 'lostAnswer' : 'throttled' };
    };
    return { provider, input, failCall, settle: () => environment.clock.sleep(1_000), close: () => provider.close() };
  }

  providerConformance('aws', open, { describe, it, expect }, { forgotten: ['Subnet.privateDnsHostnameTypeOnLaunch'], faultEvery: 90 });
});
