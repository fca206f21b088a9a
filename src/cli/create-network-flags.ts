import { Flags } from '@oclif/core';
import { listFlag, old } from './flags.ts';

const helpGroup = 'NETWORK';

/** Those flags of `create cluster` that are about the network and who may reach what. */
export const createNetworkFlags = {
  networking: Flags.string({ summary: 'Network of the pods: cilium, calico, kindnet …', helpGroup }),
  'network-cidr': listFlag('Address block of the network, and further ones; the cloud chooses one when absent.', { helpGroup }),
  'network-id': Flags.string({ summary: 'An existing network to use.', aliases: ['vpc'], helpGroup }),
  subnets: listFlag('Existing subnets to use, one for each zone.', { helpGroup }),
  'utility-subnets': listFlag('Existing utility subnets to use, one for each zone.', { helpGroup }),
  'subnet-layout': Flags.string({ summary: 'room leaves blocks for zones that come later; kops does it exactly as kops.', options: ['room', 'kops'], helpGroup }),
  'disable-subnet-tags': Flags.boolean({ summary: 'Leave the tags of existing subnets alone.', helpGroup }),
  topology: Flags.string({
    char: 't',
    summary: 'public, or private: machines without public addresses. private with --ipv6, else public.',
    options: ['public', 'private'],
    helpGroup,
  }),
  bastion: Flags.boolean({ summary: 'A machine to ssh through; private topology only.', helpGroup }),
  ipv6: Flags.boolean({ summary: 'Pods have IPv6 addresses only.', helpGroup }),
  egress: Flags.string({ summary: 'How machines reach the outside: nat-…, eipalloc-…, i-…, tgw-… or External.', helpGroup }),
  'admin-access': listFlag('Who may reach the API and ssh: address blocks.', { helpGroup }),
  'ssh-access': listFlag('Who may reach ssh, when it is not the same.', { helpGroup }),
  'ssh-public-key': Flags.string({ summary: 'File with the public key for ssh.', helpValue: 'FILE', helpGroup }),
  'associate-public-ip': Flags.boolean({ summary: 'Give machines public addresses.', allowNo: true, helpGroup }),
  dns: Flags.string({ summary: 'public, private or none.', options: ['public', 'private', 'none', 'Public', 'Private', 'None'], helpGroup }),
  'dns-zone': Flags.string({ summary: 'Hosted zone of the names.', helpGroup }),
  'api-loadbalancer-type': Flags.string({ summary: 'public or internal.', options: ['public', 'internal'], helpGroup }),
  'api-ssl-certificate': Flags.string({ summary: "Certificate of the API's load balancer.", helpGroup }),
  'api-public-name': Flags.string({ summary: 'Name of the API for clients.', ...old('master-public-name'), helpGroup }),
};
