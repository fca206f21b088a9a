import type { TerraformForm, TerraformValue } from '../../../src/cloud/provider.ts';
import { type DesiredResource, isRef } from '../../../src/cloud/resource.ts';
import type { AwsAttributes, AwsKindName, Id } from '../attributes.ts';

type Outputs = TerraformForm['outputs'];
type Arguments = { readonly [argument: string]: TerraformValue | undefined };

export interface FormOptions<Kind extends AwsKindName> {
  /** Absent: nothing refers to it but by its id. */
  outputs?: Outputs;
  /** Absent: the resource's name as Terraform takes names. */
  localName?(name: string, attributes: AwsAttributes[Kind]): string;
}

/** How resources of a kind read as blocks of one Terraform type. Arguments that are undefined are left out. */
export function form<Kind extends AwsKindName>(
  _kind: Kind,
  type: string,
  body: (attributes: AwsAttributes[Kind], name: string) => Arguments | undefined,
  { outputs = { id: 'id' }, localName = (name) => name }: FormOptions<Kind> = {},
): TerraformForm {
  const attributesOf = (resource: DesiredResource) => resource.attributes as unknown as AwsAttributes[Kind];
  return {
    type,
    outputs,
    localName: (resource) => terraformName(localName(resource.name, attributesOf(resource))),
    body: (resource) => {
      const given = body(attributesOf(resource), resource.name);
      return given && defined(given);
    },
  };
}

/** A block may occur several times and is therefore a list; undefined where it is absent. */
export function block(present: Arguments | undefined): TerraformValue | undefined {
  return present && [defined(present)];
}

/** Ids of things that exist already come first, as kops writes them: for lists that have no order on AWS. */
export function sortedIds(ids: readonly Id[]): Id[] {
  const key = (id: Id) => (isRef(id) ? `b${terraformName(id.$ref.name)}` : `a${id}`);
  return [...ids].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** What the configuration makes comes first, then ids of things that exist: as kops orders the firewalls of machines. */
export function withOwnFirst(ids: readonly Id[]): Id[] {
  return [...ids.filter(isRef), ...ids.filter((id) => typeof id === 'string').sort()];
}

/** Letters, digits, `_` and `-`, not beginning with a digit; the same replacements as kops'. */
export function terraformName(name: string): string {
  const replaced = name.replaceAll('.', '-').replaceAll('/', '--').replaceAll(':', '_');
  return /^\d/.test(replaced) ? `prefix_${replaced}` : replaced;
}

function defined(given: Arguments): { readonly [argument: string]: TerraformValue } {
  return Object.fromEntries(Object.entries(given).filter((entry): entry is [string, TerraformValue] => entry[1] !== undefined));
}
