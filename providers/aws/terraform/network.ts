import type { TerraformValue } from '../../../src/cloud/provider.ts';
import { form } from './form.ts';

export const networkForms = {
  VPC: form(
    'VPC',
    'aws_vpc',
    (vpc) => ({
      assign_generated_ipv6_cidr_block: vpc.amazonProvidedIpv6CidrBlock,
      cidr_block: vpc.cidrBlock,
      enable_dns_hostnames: vpc.enableDnsHostnames,
      enable_dns_support: vpc.enableDnsSupport,
      tags: vpc.tags,
    }),
    { outputs: { id: 'id', cidrBlock: 'cidr_block', ipv6CidrBlock: 'ipv6_cidr_block' } },
  ),
  VPCCIDRBlock: form('VPCCIDRBlock', 'aws_vpc_ipv4_cidr_block_association', ({ cidrBlock, vpcId }) => ({ cidr_block: cidrBlock, vpc_id: vpcId }), {
    localName: (_name, { cidrBlock }) => `cidr-${cidrBlock}`,
  }),
  DHCPOptions: form('DHCPOptions', 'aws_vpc_dhcp_options', (options) => ({
    domain_name: options.domainName,
    domain_name_servers: options.domainNameServers.split(','),
    tags: options.tags,
  })),
  VPCDHCPOptionsAssociation: form('VPCDHCPOptionsAssociation', 'aws_vpc_dhcp_options_association', ({ dhcpOptionsId, vpcId }) => ({
    dhcp_options_id: dhcpOptionsId,
    vpc_id: vpcId,
  })),
  InternetGateway: form('InternetGateway', 'aws_internet_gateway', ({ vpcId, tags }) => ({ vpc_id: vpcId, tags })),
  EgressOnlyInternetGateway: form('EgressOnlyInternetGateway', 'aws_egress_only_internet_gateway', ({ vpcId, tags }) => ({ vpc_id: vpcId, tags })),
  Subnet: form('Subnet', 'aws_subnet', (subnet) => ({
    assign_ipv6_address_on_creation: subnet.assignIpv6AddressOnCreation,
    availability_zone: subnet.availabilityZone,
    cidr_block: subnet.cidrBlock,
    enable_dns64: subnet.enableDns64,
    enable_resource_name_dns_a_record_on_launch: subnet.enableResourceNameDnsARecordOnLaunch,
    enable_resource_name_dns_aaaa_record_on_launch: subnet.enableResourceNameDnsAAAARecordOnLaunch,
    ipv6_cidr_block: ipv6Block(subnet.ipv6CidrBlock),
    ipv6_native: subnet.ipv6Native,
    private_dns_hostname_type_on_launch: subnet.privateDnsHostnameTypeOnLaunch,
    tags: subnet.tags,
    vpc_id: subnet.vpcId,
  })),
  ElasticIP: form('ElasticIP', 'aws_eip', ({ domain, tags }) => ({ domain, tags })),
  NatGateway: form('NatGateway', 'aws_nat_gateway', ({ allocationId, subnetId, tags }) => ({ allocation_id: allocationId, subnet_id: subnetId, tags })),
};

/** `/64#1` is the second /64 of the VPC's block, which nobody knows before the VPC exists. */
function ipv6Block(text: string | undefined): TerraformValue | undefined {
  const [, prefix, index] = /^\/(\d+)#([0-9a-f]+)$/i.exec(text ?? '') ?? [];
  if (prefix === undefined || index === undefined) return text;
  return { $expression: `cidrsubnet(local.vpc_ipv6_cidr_block, ${prefix} - local.vpc_ipv6_cidr_length, ${Number.parseInt(index, 16)})` };
}
