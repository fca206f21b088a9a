import type { CloudControllers } from '../../src/cloud/controllers.ts';
import type { Environment } from '../../src/lib/environment.ts';
import type { AwsApi } from './api/clients.ts';
import { InstanceLookup } from './controllers/instance-lookup.ts';
import { createInstances } from './controllers/instances.ts';
import { createLoadBalancers } from './controllers/load-balancers.ts';
import { createRoutes } from './controllers/routes.ts';

/** The cloud-controller-manager's view of AWS. `environment`: its clock gathers look-ups and paces waits, its signal ends them. */
export function createControllers(aws: AwsApi, { clock, signal }: Pick<Environment, 'clock' | 'signal'>): CloudControllers {
  const lookup = new InstanceLookup(aws, clock);
  return {
    instances: createInstances(lookup, aws.region),
    loadBalancers: createLoadBalancers({ aws, clock, signal }, lookup),
    routes: createRoutes(aws, lookup),
  };
}
