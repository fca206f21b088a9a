import type { HostedZone } from '@aws-sdk/client-route-53';
import { allPages } from '../api/parallel.ts';
import type { Inventory } from './inventory.ts';

/** `/hostedzone/Z1` as the model writes it. */
export function zoneId({ Id = '' }: HostedZone): string {
  return Id.replace('/hostedzone/', '');
}

/** Zones that may hold the cluster's records: their name is an ending of the cluster's name. A name may have a public and a private one. */
export function zonesOf(inventory: Inventory): Promise<HostedZone[]> {
  return inventory.once('hosted zones', async () => {
    const route53 = await inventory.aws.service('route53');
    const zones = await allPages(async (Marker) => {
      const page = await route53.listHostedZones({ Marker });
      return { items: page.HostedZones, next: page.NextMarker };
    });
    return zones.filter(({ Name = '' }) => `.${inventory.clusterName}.`.endsWith(`.${Name}`));
  });
}
