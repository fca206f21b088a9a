import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ProviderModule, TerraformForm } from '../../../src/cloud/provider.ts';
import { createCluster } from '../../../src/operations/create-cluster.ts';
import { exportTerraform } from '../../../src/operations/export-terraform.ts';
import type { Operator } from '../../../src/operations/operator.ts';
import { type Workbench, workbench } from './test-cloud.ts';

const name = 'demo.example.com';
const zones = ['us-test-1a'];

/** A cloud that Terraform knows: a note for each group. */
function withTerraform(module: ProviderModule, notes: () => readonly string[]): ProviderModule {
  const form: TerraformForm = {
    type: 'cloud_network',
    outputs: { id: 'id' },
    localName: () => 'network',
    body: ({ attributes }) => ({ cidr: attributes.cidr as string, notes: notes().map((note) => ({ $file: { name: note, content: note } })) }),
  };
  return {
    ...module,
    open: async (context) => {
      const provider = await module.open(context);
      const kinds = new Map([...provider.kinds].map(([kind, rules]) => [kind, kind === 'Network' ? { ...rules, terraform: form } : rules]));
      return { ...provider, kinds, terraform: { provider: 'cloud', source: 'example/cloud', version: '>= 1.0.0', configuration: {}, outputs: () => ({}) } };
    },
  };
}

describe('a cluster as a Terraform configuration', () => {
  let folder = '';
  let notes: string[] = [];
  let bench: Workbench;
  let operator: Operator;

  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'terraform-')), 'out');
    bench = workbench('/nowhere/config');
    operator = { ...bench.operator, providers: { ...bench.operator.providers, load: async () => withTerraform(bench.cloud.module, () => notes) } };
    notes = ['one', 'two'];
  });

  it('is written without a change in the cloud; what an earlier one had goes, files of others stay', async () => {
    await createCluster(operator, { name, zones, cloud: 'test', terraform: true });
    expect(await exportTerraform(operator, name, folder)).toEqual({ folder, first: true });
    expect((await readdir(join(folder, 'data'))).sort()).toEqual(['one', 'two']);
    const before = await readFile(join(folder, 'kubernetes.tf.json'), 'utf8');

    await writeFile(join(folder, 'data', 'mine'), 'mine');
    await writeFile(join(folder, 'backend.tf'), 'mine');
    expect(await exportTerraform(operator, name, folder)).toEqual({ folder, first: false });
    expect(await readFile(join(folder, 'kubernetes.tf.json'), 'utf8')).toBe(before);

    notes = ['two'];
    await exportTerraform(operator, name, folder);
    expect((await readdir(join(folder, 'data'))).sort()).toEqual(['mine', 'two']);
    expect(await readFile(join(folder, 'backend.tf'), 'utf8')).toBe('mine');
    expect(bench.cloud.calls).toEqual([]);
  });

  it("is not written beside kops' own, nor for a cloud without Terraform", async () => {
    await createCluster(operator, { name, zones, cloud: 'test' });
    await exportTerraform(operator, name, folder);
    await writeFile(join(folder, 'kubernetes.tf'), '');
    await expect(exportTerraform(operator, name, folder)).rejects.toMatchObject({ code: 'FOLDER_OF_OTHERS', object: folder });
    await expect(exportTerraform(operator, name, join(folder, 'kubernetes.tf'))).rejects.toMatchObject({ code: 'FOLDER_NOT_WRITABLE' });

    await expect(exportTerraform(bench.operator, name, folder)).rejects.toMatchObject({ code: 'NO_TERRAFORM', object: name });
  });

  it('of a new cluster is refused before anything is stored', async () => {
    await expect(createCluster(bench.operator, { name, zones, cloud: 'test', terraform: true })).rejects.toMatchObject({ code: 'NO_TERRAFORM' });
    expect((await bench.operator.store.listClusters()).clusters).toEqual([]);
  });
});
