import { fromTagList } from '../api/tag-list.ts';
import { ifThere } from './adopt.ts';
import type { AwsKind } from './aws-kind.ts';
import { createOnce } from './create-once.ts';
import { ownedKeyPairs } from './ec2-lists.ts';
import { tagged, updateTags } from './ec2-tags.ts';
import { asWanted, found } from './ownership.ts';

export const keyPair: AwsKind<'KeyPair'> = {
  kind: 'KeyPair',
  list: async (inventory) =>
    (await ownedKeyPairs(inventory)).map(({ KeyName = '', KeyPairId, PublicKey, Tags }) => {
      const attributes = { keyName: KeyName, publicKey: PublicKey, tags: fromTagList(Tags) };
      // Launch templates speak of a key by its name; its tags are set by its other id.
      return found({ kind: 'KeyPair', id: KeyName, name: KeyName, attributes, outputs: { keyPairId: KeyPairId } });
    }),

  create: async (aws, resource, context) => {
    const { keyName, publicKey, tags } = resource.attributes;
    const id = await createOnce(keyPair, aws, resource, context, async (ec2) => {
      const request = { KeyName: keyName, PublicKeyMaterial: Buffer.from(publicKey), TagSpecifications: tagged('key-pair', tags) };
      return (await ec2.importKeyPair(request)).KeyName;
    });
    return asWanted(resource, id);
  },

  update: async (aws, actual, resource) => {
    await updateTags(aws, { id: String(actual.outputs.keyPairId), attributes: actual.attributes }, resource.attributes.tags);
    return asWanted(resource, actual.id, { keyPairId: actual.outputs.keyPairId });
  },

  delete: async (aws, actual) => {
    await ifThere((await aws.service('ec2')).deleteKeyPair({ KeyName: actual.id }));
  },

  effect: (changes) => (changes.every((field) => field === 'tags') ? 'update' : 'replace'),
  // What stands behind the key itself is a comment, and AWS writes its own.
  same: (field, wanted, attributes) => (field === 'publicKey' ? keyItself(wanted) === keyItself(attributes.publicKey) : undefined),
};

function keyItself(text: unknown): string {
  return String(text).trim().split(/\s+/, 2).join(' ');
}
