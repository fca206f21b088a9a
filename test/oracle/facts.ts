import type { Facts } from '../../src/cloud/provider.ts';

/** What an oracle's `facts.json` says about the accounts in which its cases were made. */
export interface OracleFacts {
  zones?: string[];
  accountId?: string;
  partition?: string;
  create?: Account;
  update?: Account;
  machineTypes?: { amd64?: string[]; arm64?: string[] };
}

interface Account {
  vpcs?: Record<string, { cidr: string; internetGateway?: string; egressOnlyInternetGateway?: boolean }>;
  subnets?: Record<string, { vpc: string; zone: string; cidr: string; routeTable?: string }>;
  addresses?: Record<string, string>;
  natGateways?: Record<string, { subnet: string; allocation?: string }>;
  hostedZones?: Record<string, { name: string; private: boolean; vpcs?: string[] }>;
  images?: Record<string, { id: string; architecture: string; rootDevice?: string }>;
  instanceProfiles?: Record<string, string[]>;
  defaultMachineTypes?: Record<string, string>;
}

/** As `create cluster --facts` takes them. */
export function toFacts(facts: OracleFacts, account: 'create' | 'update'): Facts {
  const { zones, accountId, partition = 'aws', machineTypes = {} } = facts;
  const types = (architecture: 'amd64' | 'arm64') => (machineTypes[architecture] ?? []).map((name) => [name, machineType(name, architecture)] as const);
  return {
    ...(zones ? { zones } : {}),
    ...(accountId === undefined ? {} : { account: { id: accountId, partition } }),
    machineTypes: Object.fromEntries([...types('amd64'), ...types('arm64')]),
    ...accountFacts(facts[account] ?? {}),
  };
}

/** Every type of the cases counts the same; one has a disk of its own. */
function machineType(name: string, architecture: 'amd64' | 'arm64') {
  return { architecture, vcpus: 2, memoryGib: 1, ...(name === 'm3.medium' ? { instanceStoreDisks: 1 } : {}) };
}

function accountFacts(account: Account): Facts {
  return {
    networks: mapValues(account.vpcs, ({ cidr, internetGateway, egressOnlyInternetGateway }) => ({
      cidrs: [cidr],
      ...(internetGateway === undefined ? {} : { internetGatewayId: internetGateway }),
      ...(egressOnlyInternetGateway ? { egressOnlyInternetGatewayId: 'eigw-1' } : {}),
    })),
    subnets: mapValues(account.subnets, ({ vpc, zone, cidr, routeTable }) => ({ cidr, zone, networkId: vpc, ...(routeTable === undefined ? {} : { routeTableId: routeTable }) })),
    addresses: Object.fromEntries(Object.entries(account.addresses ?? {}).map(([allocationId, publicIp]) => [publicIp, { allocationId }])),
    natGateways: mapValues(account.natGateways, ({ subnet, allocation }) => ({ subnetId: subnet, ...(allocation === undefined ? {} : { allocationId: allocation }) })),
    hostedZones: hostedZones(account),
    images: account.images ?? {},
    instanceProfiles: mapValues(account.instanceProfiles, (roles) => ({ roles })),
    ...(account.defaultMachineTypes ? { defaultMachineTypes: account.defaultMachineTypes } : {}),
  };
}

/** Under the name and under the id: a spec may say either. */
function hostedZones(account: Account): NonNullable<Facts['hostedZones']> {
  const zones: NonNullable<Facts['hostedZones']> = {};
  for (const [id, zone] of Object.entries(account.hostedZones ?? {})) {
    const found = { id, private: zone.private, ...(zone.vpcs ? { networkIds: zone.vpcs } : {}) };
    for (const key of [zone.name, id]) zones[key] = [...(zones[key] ?? []), found];
  }
  return zones;
}

function mapValues<From, To>(record: Record<string, From> | undefined, map: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record ?? {}).map(([key, value]) => [key, map(value)]));
}
