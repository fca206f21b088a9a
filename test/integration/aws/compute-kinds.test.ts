import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AwsKindName } from '../../../providers/aws/attributes.ts';
import type { AwsKind, WantedResource } from '../../../providers/aws/resources/aws-kind.ts';
import { Inventory } from '../../../providers/aws/resources/inventory.ts';
import { differingFields } from '../../../src/cloud/differences.ts';
import type { ActualResource } from '../../../src/cloud/resource.ts';
import { motoMissing } from '../moto.ts';
import { caseNames, kindCases } from './compute-cases.ts';
import { type AwsWorld, awsWorld, cluster } from './compute-world.ts';
import type { KindCase } from './kind-case.ts';

let world: AwsWorld;
let cases: Record<string, KindCase>;

describe.skipIf(motoMissing)(`kinds of AWS resources against moto${motoMissing}`, () => {
  beforeAll(async () => {
    world = await awsWorld();
    cases = await kindCases(world);
  });
  afterAll(() => world.stop());

  it.each(caseNames)('%s: created, adopted, changed field by field, deleted, and each time seen as it is', async (name) => {
    const { kind, resource, changes } = cases[name] as KindCase;
    const { aws, context } = world;
    let wanted = wish(resource);
    expect(await find(kind, wanted.name), 'nothing of the name is there before').toBeUndefined();
    await kind.create(aws, wanted, context);
    const made = await look(kind, wanted);
    expect(differingFields(wanted.attributes, made, kind), 'a second plan is empty').toEqual([]);
    await kind.create(aws, wanted, context);
    expect((await look(kind, wanted)).id, 'a second create adopts the first').toBe(made.id);
    for (const change of changes) {
      wanted = { ...wanted, attributes: without({ ...wanted.attributes, ...change }) };
      const fields = differingFields(wanted.attributes, await look(kind, wanted), kind);
      expect(fields, 'the plan shows what was changed, and nothing else').toEqual(Object.keys(change).sort());
      expect(kind.effect(fields), `${fields} changes in place`).not.toBe('replace');
      await kind.update?.(aws, await look(kind, wanted), wanted, fields, context);
      expect(differingFields(wanted.attributes, await look(kind, wanted), kind), `${fields} is changed`).toEqual([]);
    }
    const last = await look(kind, wanted);
    await kind.delete(aws, last, context);
    expect(await find(kind, wanted.name), 'it is gone').toBeUndefined();
    await kind.delete(aws, last, context);
  });

  it('a target group whose name is cut at a hyphen is made where two in a row are refused, and found again under its own name', async () => {
    const { kind, resource } = cases.TargetGroup as KindCase;
    const name = 'kops-controller-demo-k8s--a1b2c3';
    const { tags } = resource.attributes as { tags: Record<string, string> };
    const wanted = wish({ ...resource, name, attributes: { ...resource.attributes, targetGroupName: name, tags: { ...tags, Name: name } } });
    const { aws, context } = world;
    await kind.create(aws, wanted, context);
    const made = await look(kind, wanted);
    expect(differingFields(wanted.attributes, made, kind), 'a second plan is empty').toEqual([]);
    expect((await kind.create(aws, wanted, context)).id, 'a second create adopts the first').toBe(made.id);
    await kind.delete(aws, made, context);
    expect(await find(kind, name), 'it is gone').toBeUndefined();
  });
});

function wish(resource: KindCase['resource']): WantedResource<AwsKindName> {
  return { ...resource, cluster } as WantedResource<AwsKindName>;
}

/** A field that a change sets to undefined is one that the model does not name any more. */
function without<T extends object>(attributes: T): T {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined)) as T;
}

async function find(kind: AwsKind, name: string): Promise<ActualResource | undefined> {
  const all = await kind.list(new Inventory(world.aws, cluster, world.context.signal));
  const same = all.filter((resource) => resource.name === name);
  expect(same.length, `${kind.kind} ${name} is listed once at most`).toBeLessThan(2);
  return same[0];
}

async function look(kind: AwsKind, { name }: { name: string }): Promise<ActualResource> {
  const found = await find(kind, name);
  if (!found) throw new Error(`${kind.kind} ${name} is not listed`);
  return found;
}
