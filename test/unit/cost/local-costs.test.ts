import { describe, expect, it } from 'vitest';
import { awsPrices } from '../../../providers/aws/prices.ts';
import { localCatalog } from '../../../providers/local/catalog.ts';
import { localCosts } from '../../../providers/local/costs.ts';
import local from '../../../providers/local/index.ts';
import { modelCluster } from '../../../providers/local/model/model.ts';
import { localSpec } from '../../../providers/local/spec.ts';
import type { ModelInput, Provider } from '../../../src/cloud/provider.ts';
import type { ClusterContext } from '../../../src/operations/cluster-context.ts';
import { estimator } from '../../../src/operations/price-plan.ts';
import { completeCluster } from '../../../src/spec/complete.ts';
import { type NewCluster, type NewClusterOptions, newCluster } from '../../../src/spec/new-cluster.ts';
import { awsContext, awsProvider } from './aws-clusters.ts';

const provider = {
  model: (input: ModelInput) => modelCluster(input),
  kinds: new Map(Object.entries(localCosts).map(([kind, cost]) => [kind, { kind, cost }])),
} as unknown as Provider;

/** The local cloud's context of a cluster that was made for AWS. */
function localContext({ cluster, instanceGroups }: NewCluster): ClusterContext {
  const completed = completeCluster({ cluster, instanceGroups }, { catalog: localCatalog, providerSpec: localSpec, facts: {} });
  return { name: cluster.metadata.name, module: local, catalog: localCatalog, region: 'us-east-1', completed, facts: {} };
}

const zones = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
const made = (options: Partial<NewClusterOptions>): Partial<NewClusterOptions> => ({ dns: 'none', ...options });

describe('a rehearsal on the local cloud', () => {
  it.each([
    ['public, one zone', made({}), {}],
    ['private, three zones, bastion', made({ zones, controlPlaneCount: 3, topology: 'private', bastion: true }), {}],
    ['private behind an internal load balancer', made({ zones, topology: 'private', apiLoadBalancerType: 'internal' }), {}],
    ['workers on spot machines, up to a price', made({ zones }), { maxPrice: '0.03' }],
    [
      'workers on spot machines in part',
      made({ zones: ['us-east-1a'], nodeCount: 5 }),
      { mixedInstancesPolicy: { instances: ['t3.medium'], onDemandBase: 1, onDemandAboveBase: 50 } },
    ],
    ['workers that scale, on larger disks', made({ zones, nodeSize: 'm5.large' }), { maxSize: 4, rootVolumeSize: 500, rootVolumeIops: 4000, rootVolumeThroughput: 250 }],
  ])('costs as much as the cluster would on AWS: %s', (_what, options, spec) => {
    const edited = (specs: NewCluster): NewCluster => ({
      ...specs,
      instanceGroups: specs.instanceGroups.map((group) => (group.spec.role === 'Node' ? { ...group, spec: { ...group.spec, ...spec } } : group)),
    });
    const onAws = awsContext(options, edited);
    const here = localContext(edited(newCluster({ name: 'demo.example.com', cloud: 'local', zones: ['us-east-1a'], configBase: 'file:///x', ...options })));
    const market = { book: awsPrices, region: 'us-east-1' };
    const amount = (context: ClusterContext, of: Provider) => estimator(context, of, {})(context, market).total;
    const [ours, theirs] = [amount(here, provider), amount(onAws, awsProvider)];
    for (const size of ['min', 'desired', 'max'] as const) expect(ours[size], size).toBeCloseTo(theirs[size], 6);
  });
});
