import { block, form } from './form.ts';

export const dnsForms = {
  DNSRecord: form('DNSRecord', 'aws_route53_record', (record) => ({
    alias: block(record.alias && { evaluate_target_health: false, name: record.alias.dnsName, zone_id: record.alias.hostedZoneId }),
    name: record.recordName,
    records: record.values,
    ttl: record.ttl,
    type: record.type,
    zone_id: zonePath(record.hostedZoneId),
  })),
  HostedZoneAssociation: form('HostedZoneAssociation', 'aws_route53_zone_association', ({ hostedZoneId, vpcId }) => ({ vpc_id: vpcId, zone_id: zonePath(hostedZoneId) })),
};

/** As Route 53 itself answers, and kops passes on. */
function zonePath(hostedZoneId: string): string {
  return `/hostedzone/${hostedZoneId}`;
}
