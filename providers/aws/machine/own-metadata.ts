import { availableParallelism, totalmem } from 'node:os';
import type { OwnMetadata } from '../../../src/cloud/instance.ts';
import type { MetadataService } from './metadata-service.ts';

interface IdentityDocument {
  architecture: string;
  availabilityZone: string;
  instanceId: string;
  instanceType: string;
  privateIp: string;
  region: string;
}

export async function ownMetadata(service: MetadataService): Promise<OwnMetadata> {
  const [document, hostname] = await Promise.all([service.get('dynamic/instance-identity/document'), service.get('meta-data/local-hostname')]);
  const { architecture, availabilityZone, instanceId, instanceType, privateIp, region } = JSON.parse(document) as IdentityDocument;
  return {
    instanceId,
    providerId: providerIdOf(availabilityZone, instanceId),
    // A DHCP option may give the host several domains.
    nodeName: hostname.trim().split(' ')[0] ?? '',
    machineType: instanceType,
    vcpus: availableParallelism(),
    memoryGib: totalmem() / 2 ** 30,
    architecture: architecture === 'arm64' ? 'arm64' : 'amd64',
    zone: availabilityZone,
    region,
    privateIp,
    networkCidrs: await networkCidrs(service),
  };
}

export function providerIdOf(zone: string, instanceId: string): string {
  return `aws:///${zone}/${instanceId}`;
}

async function networkCidrs(service: MetadataService): Promise<string[]> {
  const interfaces = await service.get('meta-data/network/interfaces/macs/');
  const [first = ''] = interfaces.split('\n');
  const blocks = await service.get(`meta-data/network/interfaces/macs/${first.replace(/\/$/, '')}/vpc-ipv4-cidr-blocks`);
  return blocks.split('\n').filter((block) => block !== '');
}
