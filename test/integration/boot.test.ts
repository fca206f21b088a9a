import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedLocalCloud } from '../../providers/local/open-local-cloud.ts';
import { createLocalProvider } from '../../providers/local/provider.ts';
import { nodeDocuments } from '../../src/bootstrap/node-documents.ts';
import type { Provider } from '../../src/cloud/provider.ts';
import type { KubeClient } from '../../src/kube/client.ts';
import type { NodeObject, Pod } from '../../src/kube/objects.ts';
import { resourceTypes } from '../../src/kube/resource-types.ts';
import { realClock } from '../../src/lib/clock.ts';
import type { Environment } from '../../src/lib/environment.ts';
import { silentLog } from '../../src/lib/log.ts';
import { SeededRandom } from '../../src/lib/random.ts';
import { bootNode } from '../../src/nodeup/boot-node.ts';
import { clusterProcess } from '../../src/nodeup/cluster-process.ts';
import { createKeyset, formatKeyset, keysetNames, trustBundle } from '../../src/pki/keyset.ts';
import { applyPlan } from '../../src/plan/apply-plan.ts';
import { buildPlan } from '../../src/plan/build-plan.ts';
import { clusterName, MemoryHome, modelInput, openCloud } from '../contract/local-cloud-harness.ts';

const environment: Environment = { clock: realClock, random: new SeededRandom(7), log: silentLog, signal: new AbortController().signal, variables: {} };
const admin = { name: 'admin', groups: ['system:masters'] };

async function desiredInput() {
  const { completed, facts, sshPublicKeys } = modelInput();
  completed.cluster.spec.kubernetesVersion = '1.36.0';
  const [authority, accounts] = await Promise.all([createKeyset(keysetNames.certificateAuthority, environment), createKeyset(keysetNames.serviceAccount, environment)]);
  const keysets = { [authority.name]: formatKeyset(authority), [accounts.name]: formatKeyset(accounts) };
  return {
    completed,
    facts,
    sshPublicKeys,
    ...nodeDocuments({ completed, provider: 'local', keysets, certificateAuthority: trustBundle(authority), store: 'wal', storeMembers: 1 }),
  };
}

describe('instances of the local cloud boot into a cluster', () => {
  const home = new MemoryHome();
  let opened: OpenedLocalCloud;
  let provider: Provider;
  let shared: object = {};

  async function open(): Promise<void> {
    opened = await openCloud({
      home,
      environment,
      boot: (machine, cloud) => {
        shared = cloud.shared;
        return bootNode(machine, cloud);
      },
    });
    provider = createLocalProvider(opened.cloud);
    await opened.cloud.resume();
  }

  const client = (): KubeClient => clusterProcess(shared).client(admin);
  const readyNodes = async () => {
    const { items } = await client().list<NodeObject>(resourceTypes.nodes);
    const initialized = items.filter((node) => !node.spec.taints?.some((taint) => taint.key.startsWith('node.cloudprovider')));
    return initialized.filter((node) => node.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True')).map((node) => node.metadata.name);
  };
  const instances = async (role: RegExp) => (await provider.instances.groups(clusterName)).filter((group) => role.test(group.name)).flatMap((group) => group.instances);

  beforeEach(async () => {
    await open();
    const input = await desiredInput();
    const desired = provider.model(input);
    const plan = buildPlan({ clusterName, provider: 'local', region: 'local-1', desired, actual: [], kinds: provider.kinds });
    await applyPlan(plan, { kinds: provider.kinds, environment, onEvent: () => {} });
    await expect.poll(readyNodes, { timeout: 10_000 }).toHaveLength(3);
  });

  afterEach(async () => {
    await opened.cloud.close();
    home.disks.clear();
  });

  it('with roles, provider ids and the components of the control plane as pods', async () => {
    const { items } = await client().list<NodeObject>(resourceTypes.nodes);
    for (const node of items) expect(node.spec.providerID).toContain(node.metadata.name);
    const pods = await client().list<Pod>(resourceTypes.pods, { namespace: 'kube-system' });
    expect(pods.items.map((pod) => pod.metadata.name.replace(/-i-.*/, ''))).toEqual(expect.arrayContaining(['kube-apiserver', 'kube-scheduler', 'kube-controller-manager']));
  });

  it('a terminated worker leaves at once and another joins', async () => {
    const [victim] = await instances(/^nodes/);
    await provider.instances.terminate(clusterName, victim?.id ?? '');
    await expect.poll(readyNodes, { timeout: 10_000 }).not.toContain(victim?.nodeName);
    await expect.poll(readyNodes, { timeout: 10_000 }).toHaveLength(3);
  });

  it('a replaced control plane, and a restart of everything, lose no object', async () => {
    await client().create(resourceTypes.configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kept', namespace: 'default' }, data: { a: 'b' } });
    const kept = () => client().get(resourceTypes.configMaps, 'default', 'kept');
    const [victim] = await instances(/^control-plane/);
    const before = await provider.apiEndpoint(clusterName);
    await provider.instances.terminate(clusterName, victim?.id ?? '');
    await expect.poll(() => kept(), { timeout: 10_000 }).toMatchObject({ data: { a: 'b' } });
    expect(await provider.apiEndpoint(clusterName)).toEqual(before);
    await opened.cloud.close();
    await open();
    await expect.poll(() => kept(), { timeout: 10_000 }).toMatchObject({ data: { a: 'b' } });
    await expect.poll(readyNodes, { timeout: 20_000 }).toHaveLength(3);
  });
});
