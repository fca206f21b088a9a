// Pods a second from `replicas: 500` to all Running, in one process without sockets: `node --import tsx test/bench/scale.ts [pods] [rounds]`.
import { startControlPlane } from '../../src/control-plane/control-plane.ts';
import { createMemoryStore } from '../../src/control-plane/store/memory-store.ts';
import { createMemoryFabric } from '../../src/fabric/memory-fabric.ts';
import { sharedInformers } from '../../src/kube/informer.ts';
import type { Deployment, KubeObject } from '../../src/kube/objects.ts';
import { resourceTypes } from '../../src/kube/resource-types.ts';
import { realClock } from '../../src/lib/clock.ts';
import type { Environment } from '../../src/lib/environment.ts';
import { silentLog } from '../../src/lib/log.ts';
import { SeededRandom } from '../../src/lib/random.ts';
import { startNodeAgent } from '../../src/node/agent.ts';
import { createProxy } from '../../src/node/proxy/proxy.ts';
import { createSimulatedRuntime } from '../../src/node/runtime/simulated-runtime.ts';
import { createKeyset } from '../../src/pki/keyset.ts';

const pods = Number(process.argv[2] ?? 500);
const rounds = Number(process.argv[3] ?? 1);
const environment: Environment = { clock: realClock, random: new SeededRandom(1), log: silentLog, signal: new AbortController().signal, variables: {} };
const fabric = createMemoryFabric({ environment });
const api = await startControlPlane({
  environment,
  store: createMemoryStore({ clock: realClock }),
  clusterName: 'bench',
  kubernetesVersion: 'v1.36.0',
  networking: { podCIDR: '10.0.0.0/16', serviceClusterIPRange: '10.96.0.0/16', nodePodCIDRPrefix: 24 },
  serviceNodePorts: { from: 30_000, to: 32_767 },
  authorization: 'rbac',
  serviceAccountKeys: { issuer: 'https://bench', keyset: await createKeyset('service-account', environment) },
  certificateAuthority: 'CA',
  identity: 'bench',
  advertise: { ip: '192.168.0.100', port: 443 },
  kubelets: () => undefined,
});
const client = api.client({ name: 'admin', groups: ['system:masters'] });
const informers = sharedInformers(client, environment);
const proxyInformers = sharedInformers(api.client({ name: 'system:kube-proxy', groups: ['system:masters'] }), environment);
const proxy = createProxy({ environment, fabric, informers: proxyInformers });
const agents = Array.from({ length: 6 }, (_, i) => {
  const name = `node-${i}`;
  const ip = `192.168.0.${i + 1}`;
  return startNodeAgent({
    environment,
    client: api.client({ name: `system:node:${name}`, groups: ['system:nodes', 'system:authenticated'] }),
    runtime: createSimulatedRuntime({ environment, fabric, nodeName: name, nodeIp: ip, resolve: async () => [] }),
    fabric,
    node: {
      name,
      ip,
      role: 'Node',
      kubernetesVersion: 'v1.36.0',
      vcpus: 64,
      memoryGib: 256,
      architecture: 'amd64',
      labels: {},
      taints: [],
      maxPods: 250,
      cloudControllers: false,
      clusterDomain: 'cluster.local',
    },
    informers: proxyInformers,
    proxy,
  });
});
await Promise.all(agents.map((agent) => agent.started));

const deployment = (replicas: number): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'scale', namespace: 'default' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'scale' } },
    template: { metadata: { labels: { app: 'scale' } }, spec: { containers: [{ name: 'main', image: 'registry.k8s.io/pause:3.10' }] } },
  },
});

function until(holds: (deployment: Deployment) => boolean): Promise<void> {
  const deployments = informers.for<Deployment>(resourceTypes.deployments);
  return new Promise((resolve) => {
    const look = (object: Deployment) => holds(object) && resolve();
    deployments.handle({ add: look, update: (_old, object) => look(object) });
  });
}

const scaleTo = (replicas: number) => client.patch(resourceTypes.deployments, 'default', 'scale', { spec: { replicas } }, 'application/merge-patch+json', { subresource: 'scale' });

if (process.argv[4] === 'service') {
  await client.create(resourceTypes.services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'scale', namespace: 'default' },
    spec: { selector: { app: 'scale' }, ports: [{ port: 80 }] },
  });
}
await client.create(resourceTypes.deployments, deployment(1));
await until(({ status }) => status?.readyReplicas === 1);
for (let round = 0; round < rounds; round++) {
  const start = process.hrtime.bigint();
  const cpu = process.cpuUsage();
  await scaleTo(pods);
  await until(({ status }) => status?.readyReplicas === pods);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const used = process.cpuUsage(cpu);
  console.log(`${pods} pods Running: ${seconds.toFixed(2)} s (${((pods - 1) / seconds).toFixed(0)} pods/s), CPU ${((used.user + used.system) / 1e6).toFixed(2)} s`);
  await scaleTo(1);
  await until(({ status }) => status?.replicas === 1);
}
process.exit(0);
