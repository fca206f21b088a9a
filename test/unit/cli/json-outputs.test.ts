import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { renderError } from '../../../src/cli/render-error.ts';
import { clusterCostText } from '../../../src/cli/views/cluster-cost-view.ts';
import { keypairsText, secretsText, sshPublicKeysText } from '../../../src/cli/views/credentials.ts';
import { machineTypesText } from '../../../src/cli/views/machine-types.ts';
import { formatObjects } from '../../../src/cli/views/objects.ts';
import { pricesText } from '../../../src/cli/views/prices-view.ts';
import { printObjects } from '../../../src/cli/views/print-objects.ts';
import { parseScenarios } from '../../../src/cost/what-if/what-if.ts';
import { createCluster } from '../../../src/operations/create-cluster.ts';
import { dumpCluster } from '../../../src/operations/dump-cluster.ts';
import { getSpecs } from '../../../src/operations/get-clusters.ts';
import { getCost } from '../../../src/operations/get-cost.ts';
import { instanceRows } from '../../../src/operations/get-instances.ts';
import { createKeypair, distrustKeypairs, listKeypairs, promoteKeypair } from '../../../src/operations/keypairs.ts';
import { createSecret, listSecrets } from '../../../src/operations/secrets.ts';
import { selectMachineTypes } from '../../../src/operations/select-machine-types.ts';
import { showPrices } from '../../../src/operations/show-prices.ts';
import { addSshPublicKey, listSshPublicKeys } from '../../../src/operations/ssh-public-keys.ts';
import { applyUpdate } from '../../../src/operations/update-cluster.ts';
import { upgradeCluster } from '../../../src/operations/upgrade-cluster.ts';
import { clusterNotFound } from '../../../src/state/state-errors.ts';
import { type Workbench, workbench } from '../operations/test-cloud.ts';

const name = 'a.k8s.local';
let folder: string;
let bench: Workbench;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'json-outputs-'));
  bench = workbench(join(folder, 'config'));
  await createCluster(bench.operator, { name, zones: ['us-test-1a'], kubernetesVersion: '1.35.0' });
  await applyUpdate(bench.operator, name, { kubeconfig: false });
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Every path of a document with its type; a spec, a cloud's attributes and labels are the user's own. */
function shape(value: unknown, path = '$'): string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap((item) => shape(item, `${path}[]`)))];
  if (typeof value !== 'object' || value === null) return [`${path}: ${value === null ? 'null' : typeof value}`];
  if (/\.(spec|attributes|labels)$/.test(path)) return [`${path}: object`];
  return Object.entries(value).flatMap(([key, item]) => shape(item, `${path}.${key}`));
}

it('every -o json is what programs rely on', async () => {
  const { operator } = bench;
  await addSshPublicKey(operator, name, 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJwx3iJcFbhUBh0CyLbkPvMXBBLTPgNOaXaBEVKT6xqM ann@laptop');
  await createSecret(operator, name, 'dockerconfig', '{}', { force: false });
  const [created] = await createKeypair(operator, name, 'kubernetes-ca');
  await promoteKeypair(operator, name, 'kubernetes-ca', created?.id);
  const old = (await listKeypairs(operator, name, ['kubernetes-ca'], { distrusted: false })).find((row) => !row.isPrimary);
  await distrustKeypairs(operator, name, 'kubernetes-ca', [old?.id ?? '']);
  const { cluster, instanceGroups } = await getSpecs(operator, name);
  const table = () => '';
  const instance = { id: 'i-1', state: 'running', machineType: 't2.medium', zone: 'us-test-1a', nodeName: 'n-1', needsUpdate: true, detached: false, launchedAt: '' } as const;
  const rows = instanceRows([{ name: 'g', instanceGroup: 'nodes-us-test-1a', min: 1, max: 1, target: 1, template: '', instances: [instance] }], instanceGroups);
  const error = renderError(clusterNotFound('b', 'memory://x', [name]), { flags: [], bin: 'kops-ts', id: 'get:clusters', argv: [], commands: [] });
  const outputs: Record<string, string> = {
    'get clusters': printObjects([cluster], 'json', { single: false, table }),
    'get cluster NAME': printObjects([cluster], 'json', { single: true, table }),
    'get instancegroups': printObjects(instanceGroups, 'json', { single: false, table }),
    'get all': printObjects([cluster, ...instanceGroups], 'json', { single: false, table }),
    'get instances': formatObjects(rows, 'json'),
    'get keypairs': keypairsText(await listKeypairs(operator, name, [], { distrusted: true }), 'json', { distrusted: true }),
    'get secrets': secretsText(await listSecrets(operator, name), 'json'),
    'get sshpublickeys': sshPublicKeysText(await listSshPublicKeys(operator, name), 'json'),
    'get cost': clusterCostText(await getCost(operator, name, { scenarios: parseScenarios(['ha']), usage: { internetGb: 200 } }), 'json', '2026-11-28T12:00:00Z'),
    'prices show': pricesText(await showPrices(operator, undefined), 'json'),
    'toolbox dump': formatObjects([{ ...(await dumpCluster(operator, name)), instances: rows }], 'json', true),
    'toolbox instance-selector': machineTypesText(await selectMachineTypes(operator, { cluster: name }, { vcpus: {}, memoryGib: {}, maxResults: 9 }), 'json'),
    'upgrade cluster': formatObjects(await upgradeCluster(operator, name, { apply: false }), 'json'),
    'an error': JSON.stringify(error.json),
  };
  const text = Object.entries(outputs).map(
    ([command, output]) =>
      `${command}\n${shape(JSON.parse(output))
        .map((line) => `  ${line}\n`)
        .join('')}`,
  );
  await expect(text.join('\n')).toMatchFileSnapshot(join(import.meta.dirname, '../../golden/cli/json-outputs.txt'));
});
