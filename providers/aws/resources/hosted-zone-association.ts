import type { Route53, VPCRegion } from '@aws-sdk/client-route-53';
import type { ActualResource } from '../../../src/cloud/resource.ts';
import { inParallel } from '../api/parallel.ts';
import { ifReadable, ifThere } from './adopt.ts';
import type { AwsKind } from './aws-kind.ts';
import { ownedSecurityGroups, ownedVpcs } from './ec2-lists.ts';
import { zoneId, zonesOf } from './hosted-zones.ts';
import type { Inventory } from './inventory.ts';
import { found } from './ownership.ts';

export const hostedZoneAssociation: AwsKind<'HostedZoneAssociation'> = {
  kind: 'HostedZoneAssociation',

  list: async (inventory) => {
    const zones = (await zonesOf(inventory)).filter((zone) => zone.Config?.PrivateZone === true);
    if (zones.length === 0) return [];
    const [route53, { own, shared }] = await Promise.all([inventory.aws.service('route53'), networkIds(inventory)]);
    const associated = await inParallel(zones, async (zone) => {
      const vpcs = (await ifReadable(vpcsOf(route53, zoneId(zone)))) ?? [];
      const ofCluster = vpcs.filter((vpc) => own.has(vpc) || shared.has(vpc));
      return ofCluster.map((vpc) => ({ ...actualAssociation((zone.Name ?? '').replace(/\.$/, ''), zoneId(zone), vpc), owned: own.has(vpc) }));
    });
    return associated.flat();
  },

  create: async (aws, { name, attributes: { hostedZoneId, vpcId } }) => {
    const route53 = await aws.service('route53');
    const isThere = (await vpcsOf(route53, hostedZoneId)).includes(vpcId);
    if (!isThere) await (await aws.once('route53')).associateVPCWithHostedZone({ HostedZoneId: hostedZoneId, VPC: { VPCId: vpcId, VPCRegion: aws.region as VPCRegion } });
    return actualAssociation(name, hostedZoneId, vpcId);
  },

  delete: async (aws, actual, context) => {
    const { hostedZoneId, vpcId } = actual.attributes as { hostedZoneId: string; vpcId: string };
    const route53 = await aws.service('route53');
    const vpcs = await vpcsOf(route53, hostedZoneId);
    if (!vpcs.includes(vpcId)) return;
    // A private zone keeps its last network; the zone is the user's own, and an association does not hinder the end of a network.
    if (vpcs.length === 1) return context.progress(`${vpcId} is the only network of the zone ${hostedZoneId} and stays its network`);
    await ifThere((await aws.once('route53')).disassociateVPCFromHostedZone({ HostedZoneId: hostedZoneId, VPC: { VPCId: vpcId, VPCRegion: aws.region as VPCRegion } }));
  },

  effect: () => 'replace',
};

/** The cluster's network, and where it is somebody else's: the one its firewall groups are in. What such a network sees is not the cluster's to take away. */
async function networkIds(inventory: Inventory): Promise<{ own: Set<string>; shared: Set<string> }> {
  const [vpcs, groups] = await Promise.all([ownedVpcs(inventory), ownedSecurityGroups(inventory)]);
  const ids = (found: readonly { VpcId?: string | undefined }[]) => new Set(found.flatMap(({ VpcId }) => VpcId ?? []));
  return { own: ids(vpcs), shared: ids(groups) };
}

async function vpcsOf(route53: Route53, Id: string): Promise<string[]> {
  const zone = await ifThere(route53.getHostedZone({ Id }));
  return (zone?.VPCs ?? []).flatMap(({ VPCId }) => VPCId ?? []);
}

function actualAssociation(name: string, hostedZoneId: string, vpcId: string): ActualResource {
  return found({ kind: 'HostedZoneAssociation', id: `${hostedZoneId}:${vpcId}`, name, attributes: { hostedZoneId, vpcId } });
}
