import type { DesiredResource } from '../../../src/cloud/resource.ts';
import type { ClusterSpec } from '../../../src/spec/types.ts';
import { clusterSpec } from '../aws-spec.ts';
import { parseS3Url } from '../s3-url.ts';
import { type AwsContext, isIpv6Only, resource } from './context.ts';
import { ownedTags } from './tags.ts';

/** For whom tokens of service accounts are made out that AWS is to accept. */
const audience = 'amazonaws.com';

/** SHA-1 of the certificates behind S3's own, past and present: the issuer's documents lie in a bucket. */
const thumbprints = ['9e99a48a9960b14926bb7f3b02e22da2b0ab7280', 'a9d53002e97e00e043244f3d170d6f4c414104fd'];

/** Makes AWS trust the tokens that the cluster gives its service accounts. */
export function oidcProviders(context: AwsContext): DesiredResource[] {
  const discovery = clusterSpec(context).serviceAccountIssuerDiscovery;
  if (discovery?.enableAWSOIDCProvider !== true) return [];
  const attributes = {
    url: serviceAccountIssuer(context),
    clientIdList: [audience, ...(discovery.additionalAudiences ?? [])],
    thumbprintList: thumbprints,
    tags: ownedTags(context, context.name),
  };
  return [resource('IAMOIDCProvider', context.name, attributes)];
}

/** Who signs the tokens: an address below which everybody finds the keys. Without a place for them it is the API itself. */
export function serviceAccountIssuer(context: AwsContext): string {
  const { kubeAPIServer, serviceAccountIssuerDiscovery } = clusterSpec(context);
  const store = serviceAccountIssuerDiscovery?.discoveryStore;
  if (kubeAPIServer?.serviceAccountIssuer) return kubeAPIServer.serviceAccountIssuer;
  if (store === undefined) return `https://${internalName(context.spec) ?? `api.internal.${context.name}`}`;
  const place = parseS3Url(store);
  if (!place) return store.replace(/^\w+:\/\//, 'https://');
  return `https://${place.bucket}.s3.${isIpv6Only(context) ? 'dualstack.' : ''}${context.region}.amazonaws.com${place.key === '' ? '' : `/${place.key}`}`;
}

function internalName(spec: ClusterSpec): string | undefined {
  return typeof spec.masterInternalName === 'string' ? spec.masterInternalName : undefined;
}
