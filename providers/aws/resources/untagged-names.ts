/** Names of what has no tags, as the model gives them: from the things they belong to, whose tags say their names. */

/** `0.0.0.0/0` in the cluster's own table, `private-us-east-1a-0.0.0.0/0` in another. */
export function routeName(tableName: string, destination: string, cluster: string): string {
  const table = tableName.endsWith(`.${cluster}`) ? tableName.slice(0, -cluster.length - 1) : tableName;
  return tableName === cluster ? destination : `${table}-${destination}`;
}

/** `us-east-1a.CLUSTER`, with `private-` before it where the table is a private one. */
export function associationName(tableName: string, subnetName: string): string {
  return tableName.startsWith('private-') ? `private-${subnetName}` : subnetName;
}
