import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { modelCluster } from '../../providers/aws/model/model.ts';
import { terraformForms } from '../../providers/aws/terraform/index.ts';
import { awsTerraform } from '../../providers/aws/terraform/target.ts';
import { providers } from '../../src/cli/providers.ts';
import type { Facts } from '../../src/cloud/provider.ts';
import { messageOf } from '../../src/lib/errors.ts';
import { parseYamlDocuments } from '../../src/lib/yaml.ts';
import { withFacts } from '../../src/operations/shared-network.ts';
import { renderTerraform, type TerraformFiles, terraformMainFile } from '../../src/plan/terraform/render-terraform.ts';
import { completeCluster } from '../../src/spec/complete.ts';
import { requireValid } from '../../src/spec/findings.ts';
import { regionOfCluster } from '../../src/spec/region.ts';
import type { Cluster, InstanceGroup, KopsObject } from '../../src/spec/types.ts';
import { validateCompleted } from '../../src/spec/validate.ts';
import { compareResources, type ResourceComparison, type TerraformResources } from './compare-resources.ts';
import { type OracleFacts, toFacts } from './facts.ts';

export interface UpdateCaseResult extends ResourceComparison {
  name: string;
}

/** Runs every case under `DIR/update`. Empty when there is none. */
export async function runUpdateCases(folder: string): Promise<UpdateCaseResult[]> {
  const cases = join(folder, 'update');
  if (!existsSync(cases)) return [];
  const file = join(folder, 'facts.json');
  const facts = toFacts(existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as OracleFacts) : {}, 'update');
  const names = readdirSync(cases, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  const results: UpdateCaseResult[] = [];
  for (const name of names.sort()) results.push({ name, ...(await runCase(join(cases, name), facts)) });
  return results;
}

async function runCase(folder: string, facts: Facts): Promise<ResourceComparison> {
  const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as TerraformResources;
  try {
    const objects = parseYamlDocuments(readFileSync(join(folder, 'in-v1alpha2.yaml'), 'utf8'), 'in-v1alpha2.yaml') as KopsObject[];
    const key = join(folder, 'id_rsa.pub');
    const files = await updateAsTerraform(objects, existsSync(key) ? [readFileSync(key, 'utf8')] : [], facts);
    const { resource } = JSON.parse(String(files.get(terraformMainFile))) as { resource: TerraformResources };
    return compareResources(resource, expected);
  } catch (error) {
    const all = compareResources({}, expected);
    return { ...all, differences: [messageOf(error)] };
  }
}

/** What `kops-ts update cluster --target terraform` writes for a cluster of AWS, without a process, a network or credentials. */
export async function updateAsTerraform(objects: readonly KopsObject[], sshPublicKeys: readonly string[], facts: Facts): Promise<TerraformFiles> {
  const cluster = objects.find((object): object is Cluster => object.kind === 'Cluster');
  if (!cluster) throw new Error('there is no Cluster among the objects');
  const module = withFacts(await providers.load('aws'), facts);
  const catalog = await module.catalog();
  const instanceGroups = objects.filter((object): object is InstanceGroup => object.kind === 'InstanceGroup');
  const completed = completeCluster({ cluster, instanceGroups }, { catalog, providerSpec: { ...module.spec, subnetLayout: 'kops' }, facts });
  requireValid(validateCompleted(completed, catalog, module.spec));
  const nodes = instanceGroups.filter(({ spec }) => spec.role !== 'Bastion');
  const userData = Object.fromEntries(nodes.map(({ metadata }) => [metadata.name, `#!/bin/bash\n# ${metadata.name}\n`]));
  return renderTerraform({
    clusterName: cluster.metadata.name,
    resources: modelCluster({ completed, userData, documents: [], facts, sshPublicKeys }),
    documents: [],
    target: awsTerraform(regionOfCluster(completed.cluster, catalog)),
    formOf: (kind) => terraformForms[kind as keyof typeof terraformForms],
  });
}
