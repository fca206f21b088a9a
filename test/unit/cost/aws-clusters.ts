import { awsCatalog } from '../../../providers/aws/catalog.ts';
import { awsCosts } from '../../../providers/aws/cost/costs.ts';
import aws from '../../../providers/aws/index.ts';
import { modelCluster } from '../../../providers/aws/model/model.ts';
import { awsSpec } from '../../../providers/aws/spec.ts';
import type { ModelInput, Provider, ProviderModule } from '../../../src/cloud/provider.ts';
import type { ClusterContext } from '../../../src/operations/cluster-context.ts';
import type { Operator } from '../../../src/operations/operator.ts';
import { completeCluster } from '../../../src/spec/complete.ts';
import { type NewCluster, type NewClusterOptions, newCluster } from '../../../src/spec/new-cluster.ts';
import { workbench } from '../operations/test-cloud.ts';

/** The AWS provider as far as prices need it: its model and what its kinds cost. Whoever calls the cloud fails. */
export const awsProvider = {
  name: 'aws',
  model: (input: ModelInput) => modelCluster(input),
  kinds: new Map(Object.entries(awsCosts).map(([kind, cost]) => [kind, { kind, cost }])),
  close: async () => {},
} as unknown as Provider;

export const awsModule: ProviderModule = { ...aws, open: async () => awsProvider };

/** An operator with this cloud alone. */
export function awsOperator(): Operator {
  const { operator } = workbench('/nowhere');
  return { ...operator, providers: { load: async () => awsModule, ofZones: async () => 'aws', comparison: async () => awsModule } };
}

/** A cluster as `create cluster` completes it. */
export function awsContext(options: Partial<NewClusterOptions> = {}, edit: (made: NewCluster) => NewCluster = (made) => made): ClusterContext {
  const name = 'demo.example.com';
  const made = edit(newCluster({ name, cloud: 'aws', zones: ['us-east-1a'], configBase: `s3://state/${name}`, dns: 'none', ...options }));
  const completed = completeCluster(made, { catalog: awsCatalog, providerSpec: awsSpec, facts: {} });
  return { name, module: awsModule, catalog: awsCatalog, region: awsCatalog.regionOf(options.zones?.[0] ?? 'us-east-1a') ?? '', completed, facts: {} };
}
