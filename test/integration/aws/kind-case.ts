import type { AwsAttributes, AwsKindName } from '../../../providers/aws/attributes.ts';
import type { AwsKind, WantedResource } from '../../../providers/aws/resources/aws-kind.ts';
import { type AwsWorld, cluster } from './compute-world.ts';

/** One resource of a kind and what changes of it, one after the other. What moto does not do has unit tests. */
export interface KindCase {
  kind: AwsKind;
  resource: { kind: AwsKindName; name: string; attributes: Record<string, unknown> };
  changes: Record<string, unknown>[];
  /** Fields whose change cannot be taken back. */
  lasting?: readonly string[];
}

export type Attributes<Kind extends AwsKindName> = WantedResource<Kind>['attributes'];

export const more = { 'kops.k8s.io/colour': 'green' };

export function kindCase<Kind extends AwsKindName>(
  kind: AwsKind<Kind>,
  name: string,
  attributes: Attributes<Kind>,
  changes: Partial<Record<keyof AwsAttributes[Kind], unknown>>[] = [],
  lasting: readonly (keyof AwsAttributes[Kind] & string)[] = [],
): KindCase {
  return {
    lasting,
    kind: kind as unknown as AwsKind,
    resource: { kind: kind.kind, name, attributes: attributes as Record<string, unknown> },
    changes: changes as Record<string, unknown>[],
  };
}

/** Makes what a case refers to and that is itself of a kind under test. */
export async function make<Kind extends AwsKindName>({ aws, context }: AwsWorld, kind: AwsKind<Kind>, name: string, attributes: Attributes<Kind>): Promise<Record<string, string>> {
  return (await kind.create(aws, { kind: kind.kind, name, cluster, attributes }, context)).outputs as Record<string, string>;
}
