import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { NodeDocument, TerraformForm, TerraformTarget, TerraformValue } from '../../../src/cloud/provider.ts';
import { type DesiredResource, ref } from '../../../src/cloud/resource.ts';
import { renderTerraform, type TerraformInput } from '../../../src/plan/terraform/render-terraform.ts';

const form = (type: string, body: TerraformForm['body']): TerraformForm => ({ type, outputs: { id: 'id' }, localName: ({ name }) => name.replaceAll('.', '-'), body });

const forms: Record<string, TerraformForm> = {
  Network: form('cloud_network', ({ attributes }) => ({ cidr: attributes.cidr as string })),
  Machine: form('cloud_machine', ({ attributes }) => attributes as Record<string, TerraformValue>),
  Key: form('cloud_key', () => undefined),
  Note: { ...form('cloud_note', () => ({})), document: true },
};

const network: DesiredResource = { kind: 'Network', name: 'a.b', attributes: { cidr: '10.0.0.0/8' } };

type Extras = Pick<TerraformInput, 'providerExtraConfig' | 'filesProviderExtraConfig' | 'documentStore'>;

function render(resources: readonly DesiredResource[], documents: readonly NodeDocument[] = [], extras: Extras = {}) {
  const target: TerraformTarget = {
    provider: 'cloud',
    source: 'example/cloud',
    version: '>= 1.0.0',
    configuration: { region: 'here' },
    outputs: () => ({ network_id: ref('Network', 'a.b') }),
  };
  const files = renderTerraform({ clusterName: 'a.b', resources, documents, target, ...extras, formOf: (kind) => forms[kind] });
  return { files, main: JSON.parse(String(files.get('kubernetes.tf.json'))) };
}

function machine(attributes: unknown): DesiredResource {
  return { kind: 'Machine', name: 'm.a.b', attributes: attributes as DesiredResource['attributes'] };
}

describe('a Terraform configuration', () => {
  it('has provider, outputs and resources, references as expressions', () => {
    const { main } = render([network, machine({ network: ref('Network', 'a.b'), count: 2, on: true })]);
    expect(main.terraform.required_providers).toEqual({ cloud: { source: 'example/cloud', version: '>= 1.0.0' } });
    expect(main.provider).toEqual({ cloud: { region: 'here' } });
    expect(main.output).toEqual({ cluster_name: { value: `\${local.cluster_name}` }, network_id: { value: `\${local.network_id}` } });
    expect(main.locals.network_id).toBe(`\${cloud_network.a-b.id}`);
    expect(main.resource).toEqual({
      cloud_machine: { 'm-a-b': { count: 2, network: `\${cloud_network.a-b.id}`, on: true } },
      cloud_network: { 'a-b': { cidr: '10.0.0.0/8' } },
    });
  });

  it('adds to the provider what the user says', () => {
    expect(render([network], [], { providerExtraConfig: { profile: 'ours' } }).main.provider).toEqual({ cloud: { region: 'here', profile: 'ours' } });
  });

  it.each<{ what: string; extras: Extras; files: Record<string, string> }>([
    { what: 'lies elsewhere', extras: { documentStore: { region: 'there' } }, files: { alias: 'files', region: 'there' } },
    { what: 'wants more', extras: { filesProviderExtraConfig: { profile: 'store' } }, files: { alias: 'files', region: 'here', profile: 'store' } },
  ])('has a provider of its own for documents whose store $what', ({ extras, files }) => {
    const { main } = render([network, { kind: 'Note', name: 'n', attributes: {} }], [], { ...extras, providerExtraConfig: { profile: 'ours' } });
    expect(main.provider).toEqual({ cloud: [{ region: 'here', profile: 'ours' }, files] });
    expect(main.resource).toEqual({ cloud_network: { 'a-b': { cidr: '10.0.0.0/8' } }, cloud_note: { n: { provider: 'cloud.files' } } });
  });

  it('takes text literally, in values and keys', () => {
    const { main } = render([network, machine({ note: `costs \${5} and %{100}`, tags: { ['team/$' + '{x}']: '$5' } })]);
    expect(main.resource.cloud_machine['m-a-b']).toEqual({ note: `costs $\${5} and %%{100}`, tags: { ['team/$$' + '{x}']: '$5' } });
  });

  it('puts texts and documents into files of their own, and takes expressions as they are', () => {
    const packed = Buffer.from([0, 1, 255]).toString('base64');
    const sha256 = createHash('sha256').update(packed).digest('hex');
    const { main, files } = render(
      [
        network,
        machine({
          script: { $file: { name: 'script', content: '#!/bin/sh', base64: true } },
          packed: { $file: { name: 'packed', sha256, path: true } },
          note: { $file: { name: 'note', content: 'n' } },
          block: { $expression: 'cidrsubnet(local.block, 8, 1)' },
        }),
      ],
      [{ path: 'packed.tgz', content: packed, base64: true, roles: [], secret: false }],
    );
    expect(main.resource.cloud_machine['m-a-b']).toEqual({
      script: `\${filebase64("\${path.module}/data/script")}`,
      packed: `\${path.module}/data/packed`,
      note: `\${file("\${path.module}/data/note")}`,
      block: `\${cidrsubnet(local.block, 8, 1)}`,
    });
    expect(files.get('data/script')).toBe('#!/bin/sh');
    expect([...(files.get('data/packed') as Uint8Array)]).toEqual([0, 1, 255]);
  });

  it('leaves out what has no form, what may not be in a state, and what is somebody else’s', () => {
    const others: DesiredResource = { ...machine({}), lifecycle: 'Ignore' };
    const { main } = render([network, { kind: 'Nothing', name: 'x', attributes: {} }, { kind: 'Key', name: 'k', attributes: {} }, others]);
    expect(Object.keys(main.resource)).toEqual(['cloud_network']);
  });

  it('is the same bytes for the same resources in any order', () => {
    const resources = [network, machine({ b: 1, a: { d: 1, c: 2 } })];
    const text = (list: readonly DesiredResource[]) => render(list).files.get('kubernetes.tf.json');
    expect(text([...resources].reverse())).toBe(text(resources));
  });

  it('never has two resources of one name, nor a reference to nothing', () => {
    expect(() => render([network, machine({}), { ...machine({}), name: 'm-a.b' }])).toThrow('two resources would be cloud_machine.m-a-b');
    expect(() => render([network, machine({ other: ref('Network', 'c.d') })])).toThrow('Terraform has no id of Network/c.d');
    expect(() => render([network, machine({ arn: ref('Network', 'a.b', 'arn') })])).toThrow('Terraform has no arn of Network/a.b');
  });
});
