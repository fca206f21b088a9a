import { startDeploymentController } from './deployment/deployment-controller.ts';
import { startEndpointSliceController } from './endpoint-slice/endpoint-slice-controller.ts';
import { startEndpointSliceMirroringController } from './endpoint-slice/endpoint-slice-mirroring-controller.ts';
import { startEndpointsController } from './endpoint-slice/endpoints-controller.ts';
import { startGarbageCollector } from './garbage-collector/garbage-collector.ts';
import { startNamespaceController } from './namespace/namespace-controller.ts';
import { startNodeIpamController } from './node-ipam/node-ipam-controller.ts';
import { startNodeLifecycleController } from './node-lifecycle/node-lifecycle-controller.ts';
import { startPodGarbageCollector } from './pod-garbage-collector/pod-garbage-collector.ts';
import { startReplicaSetController } from './replica-set/replica-set-controller.ts';
import { startRootCaController } from './root-ca/root-ca-controller.ts';
import { startServiceAccountController } from './service-account/service-account-controller.ts';
import type { StartClusterController } from './start-controllers.ts';
import { startTaintEvictionController } from './taint-eviction/taint-eviction-controller.ts';

/** All controllers, by the names kube-controller-manager gives them. */
export const clusterControllers: Readonly<Record<string, StartClusterController>> = {
  'deployment-controller': startDeploymentController,
  'replicaset-controller': startReplicaSetController,
  'endpointslice-controller': startEndpointSliceController,
  'endpointslice-mirroring-controller': startEndpointSliceMirroringController,
  'endpoints-controller': startEndpointsController,
  'garbage-collector-controller': startGarbageCollector,
  'namespace-controller': startNamespaceController,
  'node-lifecycle-controller': startNodeLifecycleController,
  'taint-eviction-controller': startTaintEvictionController,
  'pod-garbage-collector-controller': startPodGarbageCollector,
  'node-ipam-controller': startNodeIpamController,
  'serviceaccount-controller': startServiceAccountController,
  'root-ca-certificate-publisher-controller': startRootCaController,
};
