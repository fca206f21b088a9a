import type { IAM } from '@aws-sdk/client-iam';
import type { ActualResource } from '../../../src/cloud/resource.ts';
import { inParallel } from '../api/parallel.ts';
import { changeTags, fromTagList, toTagList } from '../api/tag-list.ts';
import type { Tags } from '../attributes.ts';
import { clusterTag } from '../model/tags.ts';
import { belongsTo, createOrAdopt, ifReadable, ifThere } from './adopt.ts';
import type { AwsKind, WantedResource } from './aws-kind.ts';

/** Issuers of other services, of which an account may have hundreds. */
const foreignIssuers = /:oidc-provider\/(oidc\.eks\.|token\.actions\.githubusercontent\.com|accounts\.google\.com|gitlab\.com|app\.terraform\.io)/;

export const iamOidcProvider: AwsKind<'IAMOIDCProvider'> = {
  kind: 'IAMOIDCProvider',

  list: async ({ aws, clusterName }) => {
    const iam = await aws.service('iam');
    const found = await inParallel(await providerArns(iam, (arn) => !foreignIssuers.test(arn)), (arn) => ifReadable(findProvider(iam, arn)));
    return found.filter((provider) => provider !== undefined).filter(({ attributes }) => belongsTo(attributes.tags as Tags, clusterName));
  },

  create: async (aws, resource, context) => {
    const { url, clientIdList, thumbprintList, tags } = resource.attributes;
    const iam = await aws.service('iam');
    return createOrAdopt(iamOidcProvider, aws, resource, context, {
      make: async () =>
        (await aws.once('iam')).createOpenIDConnectProvider({ Url: url, ClientIDList: [...clientIdList], ThumbprintList: [...thumbprintList], Tags: toTagList(tags) }),
      find: async () => {
        const [arn] = await providerArns(iam, (candidate) => candidate.endsWith(`:oidc-provider/${url.replace('https://', '')}`));
        return arn === undefined ? undefined : findProvider(iam, arn);
      },
    });
  },

  update: async (aws, actual, { attributes }, changes) => {
    const iam = await aws.service('iam');
    const OpenIDConnectProviderArn = actual.id;
    if (changes.includes('clientIdList')) await changeClients(iam, actual, attributes);
    if (changes.includes('thumbprintList')) await iam.updateOpenIDConnectProviderThumbprint({ OpenIDConnectProviderArn, ThumbprintList: [...attributes.thumbprintList] });
    await changeTags(actual.attributes.tags, attributes.tags, {
      set: (tags) => iam.tagOpenIDConnectProvider({ OpenIDConnectProviderArn, Tags: toTagList(tags) }),
      remove: (TagKeys) => iam.untagOpenIDConnectProvider({ OpenIDConnectProviderArn, TagKeys }),
    });
    return { ...actual, attributes: { ...actual.attributes, ...attributes } };
  },

  delete: async (aws, actual) => {
    await ifThere((await aws.service('iam')).deleteOpenIDConnectProvider({ OpenIDConnectProviderArn: actual.id }));
  },

  effect: (changes) => (changes.includes('url') ? 'replace' : 'update'),

  unordered: ['clientIdList', 'thumbprintList'],
};

async function changeClients(iam: IAM, actual: ActualResource, { clientIdList }: WantedResource<'IAMOIDCProvider'>['attributes']): Promise<void> {
  const before = actual.attributes.clientIdList as readonly string[];
  const OpenIDConnectProviderArn = actual.id;
  for (const ClientID of clientIdList.filter((id) => !before.includes(id))) await iam.addClientIDToOpenIDConnectProvider({ OpenIDConnectProviderArn, ClientID });
  for (const ClientID of before.filter((id) => !clientIdList.includes(id))) await iam.removeClientIDFromOpenIDConnectProvider({ OpenIDConnectProviderArn, ClientID });
}

async function providerArns(iam: IAM, wanted: (arn: string) => boolean): Promise<string[]> {
  const { OpenIDConnectProviderList = [] } = await iam.listOpenIDConnectProviders({});
  return OpenIDConnectProviderList.flatMap(({ Arn }) => (Arn !== undefined && wanted(Arn) ? [Arn] : []));
}

async function findProvider(iam: IAM, arn: string): Promise<ActualResource | undefined> {
  const found = await ifThere(iam.getOpenIDConnectProvider({ OpenIDConnectProviderArn: arn }));
  if (!found) return undefined;
  const tags = fromTagList(found.Tags);
  return {
    kind: 'IAMOIDCProvider',
    name: tags[clusterTag] ?? arn,
    id: arn,
    attributes: {
      url: `https://${(found.Url ?? '').replace('https://', '')}`,
      clientIdList: found.ClientIDList ?? [],
      thumbprintList: found.ThumbprintList ?? [],
      tags,
    },
    outputs: { arn },
    owned: true,
  };
}
