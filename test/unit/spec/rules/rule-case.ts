import { expect } from 'vitest';
import { awsSpec } from '../../../../providers/aws/spec.ts';
import { completeCluster } from '../../../../src/spec/complete.ts';
import { type NewClusterOptions, newCluster } from '../../../../src/spec/new-cluster.ts';
import type { SpecRules } from '../../../../src/spec/provider-view.ts';
import type { Cluster, InstanceGroup } from '../../../../src/spec/types.ts';
import { validateCompleted, validateShape } from '../../../../src/spec/validate.ts';
import { context, catalog as usual } from '../test-provider.ts';

export type Fields = Record<string, unknown>;

/** A new cluster with fields of its spec, and of the specs of its groups, put on top. */
export interface Given {
  name?: string;
  options?: Partial<NewClusterOptions>;
  cluster?: Fields;
  /** Of the workers. */
  node?: Fields;
  controlPlane?: Fields;
  /** Roles whose groups are left out. */
  without?: InstanceGroup['spec']['role'][];
}

const catalog = { ...usual, machineTypes: new Map([...usual.machineTypes, ['g4dn.xlarge', { name: 'g4dn.xlarge', vcpus: 4, memoryGib: 16, architecture: 'amd64' as const }]]) };

/** The rules of every cloud, and those of AWS. */
const rules: SpecRules = { validate: awsSpec.validate, clusterDefaults: () => ({}), instanceGroupDefaults: () => ({}) };

/** Errors as `path: message`. The shape of what is given is sound. */
export function errorsOf({ name = 'a.example.com', options = {}, cluster = {}, node = {}, controlPlane = {}, without = [] }: Given): string[] {
  const made = newCluster({ name, cloud: 'aws', zones: ['us-test-1a'], configBase: 'memory://x', ...options });
  const own: Partial<Record<string, Fields>> = { Node: node, Master: controlPlane };
  const user = {
    cluster: { ...made.cluster, spec: { ...made.cluster.spec, ...cluster } } as Cluster,
    instanceGroups: made.instanceGroups
      .filter((group) => !without.includes(group.spec.role))
      .map((group): InstanceGroup => ({ ...group, spec: { ...group.spec, ...own[group.spec.role] } })),
  };
  expect(validateShape(user)).toEqual([]);
  const findings = validateCompleted(completeCluster(user, { ...context, catalog, providerSpec: rules }), catalog, rules);
  return findings.filter(({ severity }) => severity === 'error').map(({ path, message }) => `${path}: ${message}`);
}

/** What is wrong, the path it is told at, and a neighbour in which it is right. */
export type RuleCase = [what: string, path: string, bad: Given, good: Given];

export function expectRule([, path, bad, good]: RuleCase): void {
  expect(
    errorsOf(bad).filter((error) => error.startsWith(`${path}: `)),
    `errors at ${path} among ${JSON.stringify(errorsOf(bad))}`,
  ).not.toEqual([]);
  expect(errorsOf(good)).toEqual([]);
}
