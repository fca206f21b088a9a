/**
 * For programs: a cluster without a machine (`createApiServer`, `startControlPlane`, a store, a memory fabric), a client for one,
 * and the environment that all of it takes. Providers are written against `kops-ts/provider`.
 */
export { createApiServer } from './control-plane/apiserver/apiserver.ts';
export { startControlPlane } from './control-plane/control-plane.ts';
export { openEtcdStore } from './control-plane/store/etcd/etcd-store.ts';
export { createMemoryStore } from './control-plane/store/memory-store.ts';
export { openWalStore } from './control-plane/store/wal/wal-store.ts';
export { createLoopbackFabric } from './fabric/loopback-fabric.ts';
export { createMemoryFabric } from './fabric/memory-fabric.ts';
export type { KubeClient } from './kube/client.ts';
export { createHttpsClient } from './kube/https-client.ts';
export { resourceTypes } from './kube/resource-types.ts';
export { type Clock, realClock, VirtualClock } from './lib/clock.ts';
export type { Environment } from './lib/environment.ts';
export { exitCodes, KopsError } from './lib/errors.ts';
export { createLog, silentLog } from './lib/log.ts';
export { createMemoryDisk } from './lib/memory-disk.ts';
export { createNodeDisk } from './lib/node-disk.ts';
export { type Random, SeededRandom, systemRandom } from './lib/random.ts';
export { startNodeAgent } from './node/agent.ts';
export { createSimulatedRuntime } from './node/runtime/simulated-runtime.ts';
export { bootNode } from './nodeup/boot-node.ts';
