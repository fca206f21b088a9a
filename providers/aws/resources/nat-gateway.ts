import type { NatGateway } from '@aws-sdk/client-ec2';
import { CloudError } from '../../../src/cloud/errors.ts';
import type { OperationContext } from '../../../src/cloud/provider.ts';
import type { AwsApi } from '../api/clients.ts';
import { fromTagList } from '../api/tag-list.ts';
import { waitUntil } from '../api/wait-until.ts';
import { ifThere } from './adopt.ts';
import type { AwsKind } from './aws-kind.ts';
import { createOnce } from './create-once.ts';
import { ownedNatGateways } from './ec2-lists.ts';
import { tagged, updateTags } from './ec2-tags.ts';
import { asWanted, found } from './ownership.ts';

const everyMs = 5_000;

export const natGateway: AwsKind<'NatGateway'> = {
  kind: 'NatGateway',
  /** Those that are deleted stay visible for an hour. */
  list: async (inventory) => (await ownedNatGateways(inventory)).filter(({ State }) => State === 'available' || State === 'pending').map(describe),

  create: async (aws, resource, context) => {
    const { allocationId, subnetId, tags } = resource.attributes;
    const id = await createOnce(natGateway, aws, resource, context, async (ec2, ClientToken) => {
      const request = { AllocationId: allocationId, SubnetId: subnetId, ClientToken, TagSpecifications: tagged('natgateway', tags) };
      return (await ec2.createNatGateway(request)).NatGateway?.NatGatewayId;
    });
    await untilAvailable(aws, id, context);
    return asWanted(resource, id);
  },

  update: async (aws, actual, resource, _changes, context) => {
    await updateTags(aws, actual, resource.attributes.tags);
    await untilAvailable(aws, actual.id, context);
    return asWanted(resource, actual.id);
  },

  /** Resolves when it is gone: only then do its address and its subnet go. */
  delete: async (aws, actual, context) => {
    const ec2 = await aws.service('ec2');
    await ifThere(ec2.deleteNatGateway({ NatGatewayId: actual.id }));
    await waitUntil(aws, context, { operation: 'DeleteNatGateway', what: `NAT gateway ${actual.id} to be deleted`, everyMs }, async (tell) => {
      const state = (await look(aws, actual.id, context))?.State;
      tell(state ?? '');
      return state === undefined || state === 'deleted' || undefined;
    });
  },

  effect: (changes) => (changes.every((field) => field === 'tags') ? 'update' : 'replace'),
};

function describe(gateway: NatGateway) {
  const address = gateway.NatGatewayAddresses?.find(({ IsPrimary }) => IsPrimary === true) ?? gateway.NatGatewayAddresses?.[0];
  const attributes = { allocationId: address?.AllocationId, subnetId: gateway.SubnetId, vpcId: gateway.VpcId, tags: fromTagList(gateway.Tags) };
  return found({ kind: 'NatGateway', id: gateway.NatGatewayId ?? '', attributes });
}

async function look(aws: AwsApi, id: string, context: OperationContext): Promise<NatGateway | undefined> {
  const ec2 = await aws.service('ec2');
  const answer = await ifThere(ec2.describeNatGateways({ NatGatewayIds: [id] }, { abortSignal: context.signal }));
  return answer?.NatGateways?.[0];
}

/** One to three minutes. One that failed to come up is deleted, so that the next attempt makes another. */
async function untilAvailable(aws: AwsApi, id: string, context: OperationContext): Promise<void> {
  await waitUntil(aws, context, { operation: 'CreateNatGateway', what: `NAT gateway ${id} to be available`, everyMs }, async (tell) => {
    const gateway = await look(aws, id, context);
    tell(gateway?.State ?? 'not visible yet');
    if (gateway?.State === 'available') return true;
    if (gateway?.State !== 'failed' && gateway?.State !== 'deleted' && gateway?.State !== 'deleting') return undefined;
    aws.attempts.forget(id);
    // A network's gateway may be attached a moment later than AWS looks for it.
    const errorClass = /no Internet gateway attached/i.test(gateway.FailureMessage ?? '') ? 'dependency' : 'invalid';
    throw new CloudError(errorClass, 'CreateNatGateway', `NAT gateway ${id} is ${gateway.State}: ${gateway.FailureMessage ?? 'AWS gives no reason'}`, { object: id });
  });
}
