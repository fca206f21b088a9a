import type { Facts } from '../../../src/cloud/provider.ts';
import type { AwsApi } from '../api/clients.ts';
import { ifThere } from '../resources/adopt.ts';

/** Whose credentials are used. */
export async function lookUpAccount(aws: AwsApi, abortSignal: AbortSignal): Promise<NonNullable<Facts['account']>> {
  const { Account = '', Arn = '' } = await (await aws.service('sts')).getCallerIdentity({}, { abortSignal });
  return { id: Account, partition: Arn.split(':')[1] ?? 'aws' };
}

/** By name, with the names of their roles. */
export async function lookUpInstanceProfiles(aws: AwsApi, names: readonly string[], abortSignal: AbortSignal): Promise<NonNullable<Facts['instanceProfiles']>> {
  const iam = await aws.service('iam');
  const answers = await Promise.all(names.map(async (name) => [name, await ifThere(iam.getInstanceProfile({ InstanceProfileName: name }, { abortSignal }))] as const));
  return Object.fromEntries(answers.flatMap(([name, found]) => (found ? [[name, { roles: (found.InstanceProfile?.Roles ?? []).flatMap(({ RoleName }) => RoleName ?? []) }]] : [])));
}
