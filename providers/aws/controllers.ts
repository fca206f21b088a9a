import type { CloudControllers } from '../../src/cloud/controllers.ts';
import type { AwsApi } from './api/clients.ts';
import { InstanceLookup } from './controllers/instance-lookup.ts';
import { createInstances } from './controllers/instances.ts';
import { createInterruptions } from './controllers/interruptions.ts';
import { createLoadBalancers } from './controllers/load-balancers.ts';
import { createRoutes } from './controllers/routes.ts';

/** The cloud-controller-manager's view of AWS. `signal` ends long waits. */
export function createControllers(aws: AwsApi, signal: AbortSignal): CloudControllers {
  const lookup = new InstanceLookup(aws);
  return {
    instances: createInstances(lookup, aws.region),
    loadBalancers: createLoadBalancers({ aws, signal }, lookup),
    routes: createRoutes(aws, lookup),
    interruptions: createInterruptions(aws),
  };
}
