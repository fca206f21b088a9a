import { createHash } from 'node:crypto';
import type { NodeDocument, TerraformFile, TerraformForm, TerraformTarget, TerraformValue } from '../../cloud/provider.ts';
import { type DesiredResource, type Ref, resourceKey } from '../../cloud/resource.ts';
import { KopsError } from '../../lib/errors.ts';
import { isPlainObject } from '../../lib/json.ts';
import { type Surroundings, toJson } from './expression.ts';

type ExtraConfig = Readonly<Record<string, string>>;

export interface TerraformInput {
  clusterName: string;
  resources: readonly DesiredResource[];
  /** Whose content resources name by hash. */
  documents: readonly NodeDocument[];
  target: TerraformTarget;
  /** What the user adds to the provider block. */
  providerExtraConfig?: ExtraConfig | undefined;
  /** What the target says of the state store. */
  documentStore?: Readonly<Record<string, TerraformValue>> | undefined;
  /** What the user adds to the provider block for documents. */
  filesProviderExtraConfig?: ExtraConfig | undefined;
  formOf(kind: string): TerraformForm | undefined;
}

/** Path in the folder → content: `kubernetes.tf.json` and what it reads below `data/`. */
export type TerraformFiles = ReadonlyMap<string, string | Uint8Array>;

export const terraformMainFile = 'kubernetes.tf.json';
export const terraformDataFolder = 'data';
const documentsAlias = 'files';

/** The resources as a Terraform configuration. Kinds without a Terraform form and what is somebody else's are left out; the same resources give the same bytes. */
export function renderTerraform(input: TerraformInput): TerraformFiles {
  const files = new Map<string, string | Uint8Array>();
  const contentOf = contents(input.documents);
  const surroundings: Surroundings = { address: addresses(input), addFile: (file) => files.set(`${terraformDataFolder}/${file.name}`, contentOf(file)) };
  const { target, clusterName, resources } = input;
  const outputs = { cluster_name: clusterName, ...target.outputs(resources) };
  const data = target.data?.(resources);
  const configuration = {
    terraform: { required_version: '>= 0.15.0', required_providers: { [target.provider]: { source: target.source, version: target.version } } },
    provider: { [target.provider]: toJson(providerBlocks(input), surroundings) },
    locals: toJson(outputs, surroundings),
    output: Object.fromEntries(Object.keys(outputs).map((name) => [name, { value: `\${local.${name}}` }])),
    ...(data && Object.keys(data).length > 0 ? { data: toJson(data, surroundings) } : {}),
    resource: resourceBlocks(input, surroundings),
  };
  files.set(terraformMainFile, `${JSON.stringify(sorted(configuration), undefined, 2)}\n`);
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** One block; a second one for documents, as kops', where something of it is different. */
function providerBlocks(input: TerraformInput): TerraformValue {
  const { target, providerExtraConfig, documentStore, filesProviderExtraConfig } = input;
  const main = { ...target.configuration, ...providerExtraConfig };
  return documentsApart(input) ? [main, { alias: documentsAlias, ...target.configuration, ...documentStore, ...filesProviderExtraConfig }] : main;
}

function documentsApart({ documentStore, filesProviderExtraConfig }: TerraformInput): boolean {
  return documentStore !== undefined || Object.keys(filesProviderExtraConfig ?? {}).length > 0;
}

function resourceBlocks(input: TerraformInput, surroundings: Surroundings): Record<string, Record<string, unknown>> {
  const { resources, formOf, target } = input;
  const ofDocuments: Record<string, TerraformValue> = documentsApart(input) ? { provider: `${target.provider}.${documentsAlias}` } : {};
  const blocks: Record<string, Record<string, unknown>> = {};
  for (const resource of resources) {
    const form = formOf(resource.kind);
    if (!form || resource.lifecycle === 'Ignore') continue;
    const type = blocks[form.type] ?? {};
    const name = form.localName(resource);
    const body = form.body(resource);
    if (!body) continue;
    if (Object.hasOwn(type, name)) throw broken(resourceKey(resource), `two resources would be ${form.type}.${name}`);
    type[name] = toJson(form.document ? { ...body, ...ofDocuments } : body, surroundings);
    blocks[form.type] = type;
  }
  return blocks;
}

function contents(documents: readonly NodeDocument[]): (file: TerraformFile['$file']) => string | Uint8Array {
  const byHash = new Map(documents.map((document) => [createHash('sha256').update(document.content).digest('hex'), document]));
  return (file) => {
    if ('content' in file) return file.content;
    const document = byHash.get(file.sha256);
    if (!document) throw broken(file.name, `the content of ${file.name} is not known`);
    return document.base64 ? Buffer.from(document.content, 'base64') : document.content;
  };
}

function addresses({ resources, formOf }: TerraformInput): (reference: Ref) => string {
  const byKey = new Map(resources.map((resource) => [resourceKey(resource), resource]));
  return ({ $ref }) => {
    const resource = byKey.get(resourceKey($ref));
    const form = formOf($ref.kind);
    const attribute = form?.outputs[$ref.output];
    if (!resource || !form || attribute === undefined) throw broken(resourceKey($ref), `Terraform has no ${$ref.output} of ${resourceKey($ref)}`);
    return `${form.type}.${form.localName(resource)}.${attribute}`;
  };
}

function broken(object: string, message: string): KopsError {
  return new KopsError(message, { code: 'TERRAFORM_FORM', exit: 'bug', object });
}

/** Keys in order at every depth; lists keep theirs. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}
