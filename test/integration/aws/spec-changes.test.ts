import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AwsApi } from '../../../providers/aws/api/clients.ts';
import { createAwsProvider } from '../../../providers/aws/provider.ts';
import type { Provider } from '../../../src/cloud/provider.ts';
import type { Environment } from '../../../src/lib/environment.ts';
import { applyPlan } from '../../../src/plan/apply-plan.ts';
import { buildPlan } from '../../../src/plan/build-plan.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import { clusterName, modelOf, type Wish } from '../../unit/aws/model-of.ts';
import { motoMissing, startMoto } from '../moto.ts';
import { actionsOf, hastyEnvironment } from './aws-cloud.ts';

const workers = `workers.${clusterName}`;
const roles = ['masters', 'nodes'].map((role) => `${role}.${clusterName}`);
const balancer = ['NetworkLoadBalancer/api.shop.example.com ipAddressType,scheme,subnetMappings', 'NetworkLoadBalancerListener/api.shop.example.com-443 loadBalancerArn'];
const records = ['', '-AAAA'].map((family) => `update DNSRecord/api.${clusterName}${family} alias`);
const boundary = 'arn:aws:iam::111122223333:policy/boundary';
const group = [`LaunchTemplate/extra.${clusterName}`, `AutoscalingGroup/extra.${clusterName}`, 'AutoscalingLifecycleHook/extra-NTHLifecycleHook'];
const events = ['ASGLifecycle', 'InstanceScheduledChange', 'InstanceStateChange', 'SpotInterruption'].map((event) => `${clusterName}-${event}`);
const drain = [
  ...['cp', 'workers'].map((name) => `AutoscalingLifecycleHook/${name}-NTHLifecycleHook`),
  'SQSQueue/shop-example-com-nth',
  ...events.map((event) => `EventBridgeRule/${event}`),
  ...events.map((event) => `EventBridgeTarget/${event}-Target`),
];
// Who drains nodes knows them by a tag, and reads the queue with the role of control planes.
const groups = [`cp.masters.${clusterName}`, workers];
const drainTags = [
  `update IAMRolePolicy/masters.${clusterName} policyDocument`,
  ...groups.map((name) => `roll LaunchTemplate/${name} tags`),
  ...groups.map((name) => `update AutoscalingGroup/${name} launchTemplate,tags`),
];
const mixed = { instances: ['m5.large', 'm5a.large'], onDemandBase: 1, spotAllocationStrategy: 'capacity-optimized' };

/** One after the other, each from what the one before it left: what the user changes, and all that is done for it. */
const changes: [what: string, wish: Wish, actions: string[]][] = [
  ['a bigger machine', { nodes: { machineType: 'm5.xlarge' } }, [`roll LaunchTemplate/${workers} instanceType`, `update AutoscalingGroup/${workers} launchTemplate`]],
  [
    'spot at a price',
    { nodes: { machineType: 'm5.xlarge', maxPrice: '0.1' } },
    [`roll LaunchTemplate/${workers} marketOptions`, `update AutoscalingGroup/${workers} launchTemplate`],
  ],
  [
    'on demand again, and room for more of them in two zones',
    { nodes: { machineType: 'm5.xlarge', maxSize: 4, subnets: ['a', 'b'] } },
    [`roll LaunchTemplate/${workers} marketOptions`, `update AutoscalingGroup/${workers} launchTemplate,maxSize,subnetIds`],
  ],
  [
    'several types, some on spot',
    { nodes: { machineType: 'm5.xlarge', maxSize: 4, subnets: ['a', 'b'], mixedInstancesPolicy: mixed } },
    [`update AutoscalingGroup/${workers} onDemandBaseCapacity,overrideInstanceTypes,spotAllocationStrategy,spotMaxPrice`],
  ],
  ['one type again, as it was', {}, [`roll LaunchTemplate/${workers} instanceType`, `update AutoscalingGroup/${workers} launchTemplate,maxSize,overrideInstanceTypes,subnetIds`]],
  [
    'an API that is reached from inside only',
    { cluster: { api: { loadBalancer: { type: 'Internal', class: 'Network' } } } },
    [...balancer.map((change) => `replace ${change}`), ...records],
  ],
  ['an API that is reached from everywhere', {}, [...balancer.map((change) => `replace ${change}`), ...records]],
  ['a boundary of permissions', { cluster: { iam: { permissionsBoundary: boundary } } }, roles.map((role) => `update IAMRole/${role} permissionsBoundary`)],
  ['no boundary', {}, roles.map((role) => `update IAMRole/${role} permissionsBoundary`)],
  ['another group', { more: { extra: { role: 'Node' } } }, group.map((resource) => `create ${resource}`)],
  ['one group less', {}, group.map((resource) => `delete ${resource}`)],
  ['nobody who drains nodes', { cluster: { nodeTerminationHandler: { enabled: false } } }, [...drainTags, ...drain.map((resource) => `delete ${resource}`)]],
  ['somebody again', {}, [...drainTags, ...drain.map((resource) => `create ${resource}`)]],
];

describe.skipIf(motoMissing)(`changes of a spec on AWS${motoMissing}`, () => {
  let moto: { endpoint: string; stop(): Promise<void> };
  let environment: Environment;
  let provider: Provider;
  let zoneId = '';

  beforeAll(async () => {
    moto = await startMoto();
    process.env.AWS_ENDPOINT_URL = moto.endpoint;
    environment = hastyEnvironment(moto.endpoint);
    const aws = new AwsApi('eu-west-1', environment);
    provider = createAwsProvider(aws, { signal: environment.signal });
    const { HostedZone } = await (await aws.service('route53')).createHostedZone({ Name: 'example.com', CallerReference: '1' });
    zoneId = HostedZone?.Id?.replace('/hostedzone/', '') ?? '';
    await apply(await plan({}));
  });
  afterAll(async () => {
    await provider.close();
    await moto.stop();
  });

  it.each(changes)('%s: exactly that is done, and then there is nothing to do', async (_what, wish, actions) => {
    const next = await plan(wish);
    expect(next.findings).toEqual([]);
    expect(actionsWithoutMotosOwn(next)).toEqual(actions);
    await apply(next);
    expect(actionsWithoutMotosOwn(await plan(wish))).toEqual([]);
  });

  async function plan(wish: Wish): Promise<Plan> {
    const cluster = { api: { loadBalancer: { type: 'Public', class: 'Network' } }, topology: { dns: { type: 'Public' } }, ...wish.cluster };
    const desired = modelOf({ ...wish, cluster, facts: { hostedZones: { 'example.com': [{ id: zoneId, private: false }] } } });
    const actual = await provider.inventory(clusterName, environment.signal);
    return buildPlan({ clusterName, provider: 'aws', region: 'eu-west-1', desired, actual, kinds: provider.kinds, scope: { prune: true } });
  }

  function apply(wanted: Plan): Promise<void> {
    return applyPlan(wanted, { kinds: provider.kinds, environment, onEvent: () => {}, concurrency: 4 });
  }
});

/** moto forgets what subnets say of host names. */
function actionsWithoutMotosOwn(plan: Plan): string[] {
  return actionsOf(plan).filter((action) => !action.includes(' Subnet/'));
}
