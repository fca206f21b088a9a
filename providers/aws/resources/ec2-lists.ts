import type { EC2, Filter, SecurityGroupRule, Tag } from '@aws-sdk/client-ec2';
import { allPages, filterValues, inBatches } from '../api/parallel.ts';
import type { Inventory } from './inventory.ts';
import { ownedFilter, ownedTag } from './ownership.ts';

interface Page<Item> {
  items: readonly Item[] | undefined;
  next?: string | undefined;
}

interface Question {
  Filters: Filter[];
  NextToken: string | undefined;
}

type Ask<Item> = (ec2: EC2, question: Question, options: { abortSignal: AbortSignal }) => Promise<Page<Item>>;

interface Tagged {
  Tags?: Tag[] | undefined;
  /** Of network interfaces. */
  TagSet?: Tag[] | undefined;
}

/** All of the cluster's own of one type: one call (or one a page) for whoever asks. */
function ownedList<Item extends Tagged>(type: string, ask: Ask<Item>, filters: (cluster: string) => Filter[] = ownedFilter): (inventory: Inventory) => Promise<Item[]> {
  return (inventory) => inventory.once(type, async () => owned(inventory, await everyPage(inventory, filters(inventory.clusterName), ask)));
}

/** Not every server that speaks EC2 minds every filter, and what is listed here may be deleted: the tag is looked at once more. */
function owned<Item extends Tagged>({ clusterName }: Inventory, items: readonly Item[]): Item[] {
  const mine = ownedTag(clusterName);
  return items.filter(({ Tags, TagSet }) => (Tags ?? TagSet ?? []).some(({ Key, Value }) => Key === mine.Key && Value === mine.Value));
}

async function everyPage<Item>(inventory: Inventory, Filters: Filter[], ask: Ask<Item>): Promise<Item[]> {
  const ec2 = await inventory.aws.service('ec2');
  return allPages(async (NextToken) => {
    const { items, next } = await ask(ec2, { Filters, NextToken }, { abortSignal: inventory.signal });
    return { items, next };
  });
}

export const ownedVpcs = ownedList('vpcs', async (ec2, question, options) => {
  const { Vpcs, NextToken } = await ec2.describeVpcs(question, options);
  return { items: Vpcs, next: NextToken };
});

export const ownedDhcpOptions = ownedList('dhcpOptions', async (ec2, question, options) => {
  const { DhcpOptions, NextToken } = await ec2.describeDhcpOptions(question, options);
  return { items: DhcpOptions, next: NextToken };
});

export const ownedInternetGateways = ownedList('internetGateways', async (ec2, question, options) => {
  const { InternetGateways, NextToken } = await ec2.describeInternetGateways(question, options);
  return { items: InternetGateways, next: NextToken };
});

export const ownedEgressOnlyGateways = ownedList('egressOnlyInternetGateways', async (ec2, question, options) => {
  const { EgressOnlyInternetGateways, NextToken } = await ec2.describeEgressOnlyInternetGateways(question, options);
  return { items: EgressOnlyInternetGateways, next: NextToken };
});

export const ownedSubnets = ownedList('subnets', async (ec2, question, options) => {
  const { Subnets, NextToken } = await ec2.describeSubnets(question, options);
  return { items: Subnets, next: NextToken };
});

export const ownedRouteTables = ownedList('routeTables', async (ec2, question, options) => {
  const { RouteTables, NextToken } = await ec2.describeRouteTables(question, options);
  return { items: RouteTables, next: NextToken };
});

export const ownedAddresses = ownedList('addresses', async (ec2, { Filters }, options) => ({ items: (await ec2.describeAddresses({ Filters }, options)).Addresses }));

export const ownedNatGateways = ownedList('natGateways', async (ec2, { Filters, NextToken: token }, options) => {
  const { NatGateways, NextToken } = await ec2.describeNatGateways({ Filter: Filters, NextToken: token }, options);
  return { items: NatGateways, next: NextToken };
});

export const ownedSecurityGroups = ownedList('securityGroups', async (ec2, question, options) => {
  const { SecurityGroups, NextToken } = await ec2.describeSecurityGroups(question, options);
  return { items: SecurityGroups, next: NextToken };
});

export const ownedKeyPairs = ownedList('keyPairs', async (ec2, { Filters }, options) => ({
  items: (await ec2.describeKeyPairs({ Filters, IncludePublicKey: true }, options)).KeyPairs,
}));

export const ownedVolumes = ownedList('volumes', async (ec2, question, options) => {
  const { Volumes, NextToken } = await ec2.describeVolumes(question, options);
  return { items: Volumes, next: NextToken };
});

export const ownedLaunchTemplates = ownedList('launchTemplates', async (ec2, question, options) => {
  const { LaunchTemplates, NextToken } = await ec2.describeLaunchTemplates(question, options);
  return { items: LaunchTemplates, next: NextToken };
});

export const ownedInstances = ownedList(
  'instances',
  async (ec2, question, options) => {
    const { Reservations, NextToken } = await ec2.describeInstances(question, options);
    return { items: (Reservations ?? []).flatMap(({ Instances }) => Instances ?? []), next: NextToken };
  },
  (cluster) => [...ownedFilter(cluster), { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped', 'shutting-down'] }],
);

/** Interfaces that nothing uses: what a network plugin left behind. */
export const ownedIdleInterfaces = ownedList(
  'networkInterfaces',
  async (ec2, question, options) => {
    const { NetworkInterfaces, NextToken } = await ec2.describeNetworkInterfaces(question, options);
    return { items: NetworkInterfaces, next: NextToken };
  },
  (cluster) => [...ownedFilter(cluster), { Name: 'status', Values: ['available'] }],
);

const askRules: Ask<SecurityGroupRule> = async (ec2, question, options) => {
  const { SecurityGroupRules, NextToken } = await ec2.describeSecurityGroupRules(question, options);
  return { items: SecurityGroupRules, next: NextToken };
};

/** The rules we made, wherever they are, and all rules of the cluster's own groups. */
export function securityGroupRules(inventory: Inventory): Promise<SecurityGroupRule[]> {
  return inventory.once('securityGroupRules', async () => {
    const inOwnGroups = async () => {
      const ids = (await ownedSecurityGroups(inventory)).flatMap(({ GroupId }) => GroupId ?? []);
      return inBatches(ids, filterValues, (Values) => everyPage(inventory, [{ Name: 'group-id', Values }], askRules));
    };
    const [made, inGroups] = await Promise.all([everyPage(inventory, ownedFilter(inventory.clusterName), askRules), inOwnGroups()]);
    return [...new Map([...owned(inventory, made), ...inGroups].map((rule) => [rule.SecurityGroupRuleId, rule])).values()];
  });
}
