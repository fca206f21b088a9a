/** Names of what has no tags, as the model gives them: from the things they belong to, whose tags say their names. */

interface Table {
  /** `private-us-east-1a.demo.example.com` */
  name: string;
  cluster: string;
  /** Names of the subnets that use it. */
  subnets: readonly string[];
}

/** Where the model's own routes lead; all others are a subnet's additional ones. */
const ownDestinations = new Set(['0.0.0.0/0', '::/0', '64:ff9b::/96']);

/** `0.0.0.0/0` in the table of all public subnets, `private-us-east-1a-0.0.0.0/0` in a zone's, `us-east-1a.10.1.0.0/16` for an additional one. */
export function routeName({ name, cluster, subnets }: Table, destination: string): string {
  if (name === cluster) return destination;
  const [subnet] = [...subnets].sort();
  if (subnet !== undefined && !ownDestinations.has(destination)) return `${withoutCluster(subnet, cluster)}.${destination}`;
  return `${withoutCluster(name, cluster)}-${destination}`;
}

/** `us-east-1a.CLUSTER`, with the word of its table before it where that is a zone's. */
export function associationName(tableName: string, subnetName: string): string {
  return `${/^(private|public)-/.exec(tableName)?.[0] ?? ''}${subnetName}`;
}

function withoutCluster(name: string, cluster: string): string {
  return name.endsWith(`.${cluster}`) ? name.slice(0, -cluster.length - 1) : name;
}
