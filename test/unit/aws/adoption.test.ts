import { CreateRoleCommand, GetRoleCommand, TagRoleCommand, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { truncateName } from '../../../providers/aws/model/names.ts';
import type { WantedResource } from '../../../providers/aws/resources/aws-kind.ts';
import { iamRole } from '../../../providers/aws/resources/iam-role.ts';
import { mayBeNameOf } from '../../../providers/aws/resources/names-of-cluster.ts';
import { awsFailure, cluster, mockedAws, ownTags, tagList } from './aws-mocks.ts';

const name = `nodes.${cluster}`;
const wanted: WantedResource<'IAMRole'> = { kind: 'IAMRole', name, cluster, attributes: { roleName: name, assumeRolePolicy: '{"a":1}', tags: ownTags(name) } };

/** Percent-encoded and in another order of keys, as IAM may answer. */
function role(tags: Readonly<Record<string, string>>, policy = '{ "a": 1 }') {
  return {
    Role: {
      RoleName: name,
      Arn: `arn:aws:iam::1:role/${name}`,
      RoleId: 'AROA1',
      Path: '/',
      CreateDate: undefined,
      AssumeRolePolicyDocument: encodeURIComponent(policy),
      Tags: tagList(tags),
    },
  };
}

const notThere = awsFailure('iam', 'GetRole', 'NoSuchEntity', 'not found', 404);
const exists = awsFailure('iam', 'CreateRole', 'EntityAlreadyExists', 'exists', 409);

describe('a create without idempotency token', () => {
  it.each([
    ['the answer was lost', awsFailure('iam', 'CreateRole', 'TimeoutError', 'socket hang up', undefined)],
    ['the connection was reset', awsFailure('iam', 'CreateRole', 'ECONNRESET', 'reset', undefined)],
    ['the service failed', awsFailure('iam', 'CreateRole', 'ServiceFailure', 'oops', 500)],
    ['it exists already', exists],
  ])('adopts what is there when %s', async (_what, failure) => {
    const mock = mockedAws();
    mock.iam.on(CreateRoleCommand).rejects(failure);
    mock.iam.on(GetRoleCommand).resolves(role(ownTags(name)) as never);
    expect(await iamRole.create(mock.aws, wanted, mock.context)).toMatchObject({ id: name, outputs: { arn: `arn:aws:iam::1:role/${name}` } });
    expect(mock.iam.commandCalls(CreateRoleCommand)).toHaveLength(1);
  });

  it('brings what it adopts to what is wanted', async () => {
    const mock = mockedAws();
    mock.iam.on(CreateRoleCommand).rejects(exists);
    mock.iam.on(GetRoleCommand).resolves(role({ ...ownTags(name), Name: 'old' }, '{"a":2}') as never);
    await iamRole.create(mock.aws, wanted, mock.context);
    expect(mock.iam.commandCalls(UpdateAssumeRolePolicyCommand)).toHaveLength(1);
    expect(mock.iam.commandCalls(TagRoleCommand)[0]?.args[0].input.Tags).toEqual([{ Key: 'Name', Value: name }]);
  });

  it.each([
    ['another cluster', ownTags(name, 'other.example.com'), 'belongs to the cluster other.example.com'],
    ['nobody that is known', {}, 'carries no tag of a cluster'],
  ])('leaves alone what belongs to %s, and says so', async (_whose, tags, words) => {
    const mock = mockedAws();
    mock.iam.on(CreateRoleCommand).rejects(exists);
    mock.iam.on(GetRoleCommand).resolves(role(tags) as never);
    await expect(iamRole.create(mock.aws, wanted, mock.context)).rejects.toMatchObject({ class: 'alreadyExists', object: name, message: expect.stringContaining(words) });
  });

  it('hands on what failed when nothing is there', async () => {
    const mock = mockedAws();
    mock.iam.on(CreateRoleCommand).rejects(awsFailure('iam', 'CreateRole', 'TimeoutError', 'socket hang up', undefined));
    mock.iam.on(GetRoleCommand).rejects(notThere);
    await expect(iamRole.create(mock.aws, wanted, mock.context)).rejects.toMatchObject({ class: 'ambiguous', retryable: true });
  });

  it('waits until what it made is visible', async () => {
    const mock = mockedAws();
    mock.iam.on(CreateRoleCommand).resolves({});
    mock.iam
      .on(GetRoleCommand)
      .rejectsOnce(notThere)
      .rejectsOnce(notThere)
      .resolves(role(ownTags(name)) as never);
    await iamRole.create(mock.aws, wanted, mock.context);
    expect(mock.told).toEqual([`waiting for IAMRole ${name} to be visible`]);
  });
});

describe('names of a cluster', () => {
  const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}[a-z0-9]$/);
  const dns = fc.array(label, { minLength: 2, maxLength: 6 }).map((labels) => labels.join('.'));

  it('are recognised, however long they are', () => {
    const check = fc.property(label, dns, (word, clusterName) => {
      expect(mayBeNameOf(clusterName, truncateName(`${word}.${clusterName}`, 64), 64)).toBe(true);
    });
    fc.assert(check);
  });

  it('are not those of another cluster', () => {
    const check = fc.property(label, dns, dns, (word, one, other) => {
      fc.pre(one !== other && !`${word}.${one}`.endsWith(`.${other}`));
      expect(mayBeNameOf(other, truncateName(`${word}.${one}`, 64), 64)).toBe(false);
    });
    fc.assert(check);
  });
});
