import type { Facts } from '../../src/cloud/provider.ts';

/** What an oracle's `facts.json` says about the account in which its create cases were made. */
export interface OracleFacts {
  zones?: string[];
  create?: {
    vpcs?: Record<string, { cidr: string }>;
    subnets?: Record<string, { vpc: string; zone: string; cidr: string }>;
    defaultMachineTypes?: Record<string, string>;
  };
  machineTypes?: { amd64?: string[]; arm64?: string[] };
}

/** As `create cluster --facts` takes them. */
export function toFacts({ zones, create = {}, machineTypes = {} }: OracleFacts): Facts {
  const types = (architecture: 'amd64' | 'arm64') => (machineTypes[architecture] ?? []).map((name) => [name, { architecture, vcpus: 2, memoryGib: 1 }] as const);
  return {
    ...(zones ? { zones } : {}),
    networks: Object.fromEntries(Object.entries(create.vpcs ?? {}).map(([id, { cidr }]) => [id, { cidrs: [cidr] }])),
    subnets: Object.fromEntries(Object.entries(create.subnets ?? {}).map(([id, { vpc, zone, cidr }]) => [id, { cidr, zone, networkId: vpc }])),
    machineTypes: Object.fromEntries([...types('amd64'), ...types('arm64')]),
    ...(create.defaultMachineTypes ? { defaultMachineTypes: create.defaultMachineTypes } : {}),
  };
}
