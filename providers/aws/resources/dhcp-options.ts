import type { DhcpOptions } from '@aws-sdk/client-ec2';
import { fromTagList } from '../api/tag-list.ts';
import { ifThere } from './adopt.ts';
import type { AwsKind } from './aws-kind.ts';
import { createOnce } from './create-once.ts';
import { ownedDhcpOptions, ownedVpcs } from './ec2-lists.ts';
import { tagged, updateTags } from './ec2-tags.ts';
import { asWanted, found, mentioning } from './ownership.ts';

export const dhcpOptions: AwsKind<'DHCPOptions'> = {
  kind: 'DHCPOptions',
  list: async (inventory) =>
    (await ownedDhcpOptions(inventory)).map((options) => {
      const attributes = { domainName: valuesOf(options, 'domain-name'), domainNameServers: valuesOf(options, 'domain-name-servers'), tags: fromTagList(options.Tags) };
      return found({ kind: 'DHCPOptions', id: options.DhcpOptionsId ?? '', attributes });
    }),

  create: async (aws, resource, context) => {
    const { domainName, domainNameServers, tags } = resource.attributes;
    let madeTags = tags;
    const id = await createOnce(dhcpOptions, aws, resource, context, async (ec2) => {
      const { DhcpOptions: made } = await ec2.createDhcpOptions({
        DhcpConfigurations: [
          { Key: 'domain-name', Values: [domainName] },
          { Key: 'domain-name-servers', Values: domainNameServers.split(',') },
        ],
        TagSpecifications: tagged('dhcp-options', tags),
      });
      madeTags = fromTagList(made?.Tags);
      return made?.DhcpOptionsId;
    });
    // Not every server takes tags in this call; untagged options would never be found again.
    await updateTags(aws, { id, attributes: { tags: madeTags } }, tags);
    return asWanted(resource, id);
  },

  update: async (aws, actual, resource) => {
    await updateTags(aws, actual, resource.attributes.tags);
    return asWanted(resource, actual.id);
  },

  delete: async (aws, actual) => {
    await ifThere((await aws.service('ec2')).deleteDhcpOptions({ DhcpOptionsId: actual.id }));
  },
  effect: (changes) => (changes.every((field) => field === 'tags') ? 'update' : 'replace'),
  deleteAfter: (actual, all) => mentioning(actual.id, all),
};

function valuesOf(options: DhcpOptions, key: string): string | undefined {
  const values = options.DhcpConfigurations?.find(({ Key }) => Key === key)?.Values;
  return values?.map(({ Value }) => Value).join(',');
}

/** Which of our options a network of ours uses; with other options than ours there is none. */
export const dhcpOptionsAssociation: AwsKind<'VPCDHCPOptionsAssociation'> = {
  kind: 'VPCDHCPOptionsAssociation',
  list: async (inventory) => {
    const [vpcs, options] = await Promise.all([ownedVpcs(inventory), ownedDhcpOptions(inventory)]);
    const ours = vpcs.filter((vpc) => options.some(({ DhcpOptionsId }) => DhcpOptionsId === vpc.DhcpOptionsId));
    return ours.map(({ VpcId, DhcpOptionsId }) => {
      // The association has no id of its own, and what it belongs to is the network's alone.
      return {
        ...found({ kind: 'VPCDHCPOptionsAssociation', id: `${VpcId}/dhcp`, name: inventory.clusterName, attributes: { vpcId: VpcId, dhcpOptionsId: DhcpOptionsId } }),
        outputs: { id: VpcId },
      };
    });
  },

  create: async (aws, resource) => {
    const { vpcId, dhcpOptionsId } = resource.attributes;
    await (await aws.service('ec2')).associateDhcpOptions({ VpcId: vpcId, DhcpOptionsId: dhcpOptionsId });
    return { ...asWanted(resource, `${vpcId}/dhcp`), outputs: { id: vpcId } };
  },

  delete: async (aws, actual) => {
    await ifThere((await aws.service('ec2')).associateDhcpOptions({ VpcId: String(actual.attributes.vpcId), DhcpOptionsId: 'default' }));
  },
  effect: () => 'replace',
};
