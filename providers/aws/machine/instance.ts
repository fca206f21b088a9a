import { lookup } from 'node:dns/promises';
import { CloudError } from '../../../src/cloud/errors.ts';
import type { InstanceContext, InstanceFacet } from '../../../src/cloud/instance.ts';
import { AwsApi } from '../api/clients.ts';
import { createControllers } from '../controllers.ts';
import { attachEtcdVolume, etcdPeers } from './etcd-volume.ts';
import { identityToken, identityVerifier } from './identity.ts';
import { MetadataService } from './metadata-service.ts';
import { ownMetadata } from './own-metadata.ts';

/** EC2 as software on an instance sees it. Credentials are those of the instance's role. Throws CloudError when its metadata cannot be had. */
export async function openAwsInstance(context: InstanceContext): Promise<InstanceFacet> {
  const { clusterName, configBase, root } = context;
  const self = await ownMetadata(new MetadataService(context));
  const aws = new AwsApi(self.region, context);
  const options = { aws, environment: context, clusterName, root };
  return {
    metadata: async () => self,
    attachEtcdVolume: (etcdCluster) => attachEtcdVolume(options, etcdCluster, self),
    etcdPeers: (etcdCluster) => etcdPeers(options, etcdCluster),
    resolve: async (host) => (host === `api.internal.${clusterName}` ? controlPlaneAddress(context, aws) : address(host)),
    fetchDocument: (path) => fetchObject(aws, `${configBase}/${path}`),
    fetchObject: (url) => (url.startsWith('s3://') ? fetchObject(aws, url) : undefined),
    identityToken: (audience) => identityToken(options, audience),
    verifyIdentity: identityVerifier(options),
    controllers: createControllers(aws, context.signal),
    close: () => aws.close(),
  };
}

/** One of the running control planes, a different one with luck when one does not answer: no name service has to know them. */
async function controlPlaneAddress({ clusterName, random }: InstanceContext, aws: AwsApi): Promise<string | undefined> {
  const Filters = [
    { Name: 'tag:KubernetesCluster', Values: [clusterName] },
    { Name: 'tag-key', Values: ['k8s.io/role/control-plane'] },
    { Name: 'instance-state-name', Values: ['running'] },
  ];
  const { Reservations = [] } = await (await aws.service('ec2')).describeInstances({ Filters });
  const addresses = Reservations.flatMap(({ Instances = [] }) => Instances.flatMap(({ PrivateIpAddress }) => PrivateIpAddress ?? [])).sort();
  return addresses[random.integer(addresses.length)];
}

async function address(host: string): Promise<string | undefined> {
  return lookup(host, { family: 4 }).then(
    (found) => found.address,
    () => undefined,
  );
}

/** `s3://bucket/demo.example.com/igconfig/…` */
async function fetchObject(aws: AwsApi, url: string): Promise<Uint8Array> {
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(url) ?? [];
  if (Bucket === undefined || Key === undefined) {
    throw new CloudError('invalid', 'GetObject', `instances cannot read ${url}: only a bucket of S3`, {
      object: url,
      suggestions: ['Keep the cluster in a bucket: --state s3://NAME'],
    });
  }
  const { Body } = await (await aws.service('s3')).getObject({ Bucket, Key });
  return (await Body?.transformToByteArray()) ?? new Uint8Array(0);
}
