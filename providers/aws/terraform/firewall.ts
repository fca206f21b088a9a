import type { AwsAttributes } from '../attributes.ts';
import { form } from './form.ts';

/** Protocols whose ports mean something, or that stand for all. Others get the whole range, which Terraform wants to see. */
const withPorts = new Set(['tcp', 'udp', 'icmp', 'icmpv6', '-1']);
const lastPort = 65535;

export const firewallForms = {
  SecurityGroup: form('SecurityGroup', 'aws_security_group', ({ groupName, description, vpcId, tags }) => ({ name: groupName, description, vpc_id: vpcId, tags })),
  SecurityGroupRule: form('SecurityGroupRule', 'aws_security_group_rule', (rule) => ({
    cidr_blocks: listOf(rule.cidrBlock),
    from_port: rule.fromPort,
    ipv6_cidr_blocks: listOf(rule.ipv6CidrBlock),
    prefix_list_ids: listOf(rule.prefixListId),
    protocol: rule.protocol,
    security_group_id: rule.groupId,
    source_security_group_id: rule.sourceGroupId,
    to_port: toPort(rule),
    type: rule.type,
  })),
};

function toPort({ protocol, toPort: port }: AwsAttributes['SecurityGroupRule']): number {
  return withPorts.has(protocol) ? port : lastPort;
}

function listOf(peer: string | undefined): string[] | undefined {
  return peer === undefined ? undefined : [peer];
}
