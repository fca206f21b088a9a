import { setMaxListeners } from 'node:events';
import type { Phase, ResourceKind } from '../../src/cloud/provider.ts';
import { type ActualResource, resourceKey } from '../../src/cloud/resource.ts';
import type { AwsApi } from './api/clients.ts';
import type { AwsKind, StrayKind } from './resources/aws-kind.ts';
import { dhcpOptions, dhcpOptionsAssociation } from './resources/dhcp-options.ts';
import { ebsVolume } from './resources/ebs-volume.ts';
import { elasticIp } from './resources/elastic-ip.ts';
import { iamInstanceProfile } from './resources/iam-instance-profile.ts';
import { iamOidcProvider } from './resources/iam-oidc-provider.ts';
import { iamRole } from './resources/iam-role.ts';
import { iamRolePolicy } from './resources/iam-role-policy.ts';
import { iamRolePolicyAttachment } from './resources/iam-role-policy-attachment.ts';
import { egressOnlyInternetGateway, internetGateway } from './resources/internet-gateways.ts';
import { Inventory } from './resources/inventory.ts';
import { keyPair } from './resources/key-pair.ts';
import { natGateway } from './resources/nat-gateway.ts';
import { resourceKind, strayKind } from './resources/resource-kind.ts';
import { route } from './resources/route.ts';
import { routeTable, routeTableAssociation } from './resources/route-tables.ts';
import { securityGroup } from './resources/security-group.ts';
import { securityGroupRule } from './resources/security-group-rule.ts';
import { instance, networkInterface } from './resources/strays.ts';
import { subnet } from './resources/subnet.ts';
import { vpc } from './resources/vpc.ts';
import { vpcCidrBlock } from './resources/vpc-cidr-block.ts';

/** Every kind in the order of display, by the phase whose work it is. */
const kinds: Readonly<Record<Phase, readonly AwsKind[]>> = {
  network: [
    vpc,
    vpcCidrBlock,
    dhcpOptions,
    dhcpOptionsAssociation,
    internetGateway,
    egressOnlyInternetGateway,
    subnet,
    routeTable,
    routeTableAssociation,
    elasticIp,
    natGateway,
    route,
  ],
  security: [securityGroup, securityGroupRule, iamRole, iamRolePolicy, iamRolePolicyAttachment, iamInstanceProfile, iamOidcProvider, keyPair],
  cluster: [ebsVolume],
};

const strays: readonly StrayKind[] = [instance, networkInterface];

export function awsKinds(aws: AwsApi): ReadonlyMap<string, ResourceKind> {
  const wanted = Object.entries(kinds).flatMap(([phase, ofPhase]) => ofPhase.map((kind) => ({ phase: phase as Phase, kind })));
  const all = [...wanted.map(({ phase, kind }, rank) => resourceKind(aws, kind, phase, rank)), ...strays.map((kind, i) => strayKind(aws, kind, wanted.length + i))];
  return new Map(all.map((kind) => [kind.kind, kind]));
}

/** Everything the cluster has: the lists share one inventory, so that each question is asked once. */
export async function awsInventory(aws: AwsApi, clusterName: string, signal: AbortSignal): Promise<ActualResource[]> {
  // Each call listens for the end of all.
  setMaxListeners(0, signal);
  const inventory = new Inventory(aws, clusterName, signal);
  const lists = await Promise.all([...Object.values(kinds).flat(), ...strays].map((kind) => kind.list(inventory)));
  return withOwnNames(lists.flat());
}

/** A name tag can be there twice, by somebody's hand or by an interrupted run: the second one is named with its id, and is too much. */
function withOwnNames(resources: readonly ActualResource[]): ActualResource[] {
  const seen = new Set<string>();
  return [...resources]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map((resource) => {
      const key = resourceKey(resource);
      if (seen.has(key)) return { ...resource, name: `${resource.name} (${resource.id})` };
      seen.add(key);
      return resource;
    });
}
