import { clusterOf, context, createAll, deleteAll, differences, errorClassOf, fullGroup, inventory, never, nodeNamed, service } from './conformance-steps.ts';
import type { CloudErrorClass } from './errors.ts';
import type { ModelInput, Provider } from './provider.ts';
import { refsIn, resourceKey } from './resource.ts';

/** What the suite needs of a test runner: vitest, jest and node:test with an assertion library all fit. */
export interface TestRunner {
  describe(name: string, body: () => void): void;
  it(name: string, body: () => Promise<void>): void;
  expect(actual: unknown): { toEqual(expected: unknown): void };
}

/** One fresh, empty cloud for one test. */
export interface ConformanceCloud {
  provider: Provider;
  /** A completed cluster with a control plane and at least one node group of at least one instance. */
  input: ModelInput;
  /** Resolves when nothing is under way any more; moves a virtual clock where there is one. */
  settle(): Promise<void>;
  /** The n-th call of the cloud from now on fails in this way. Undefined: faults cannot be injected here. */
  failCall?(nth: number, how: CloudErrorClass): void;
  close(): Promise<void>;
}

/** What an emulator cannot do, or only slowly. */
export interface ConformanceLimits {
  /** Attributes that it takes and does not keep: `Subnet.enableDns64`. They are not compared, and the suite's title names them. */
  forgotten?: readonly string[];
  /** Of the calls of a create every how manyth is made to fail. Default 3. 0: none, for a provider whose own tests see to that. */
  faultEvery?: number;
}

/** A provider is accepted when these tests pass. */
export function providerConformance(name: string, open: () => Promise<ConformanceCloud>, { describe, it, expect }: TestRunner, limits: ConformanceLimits = {}): void {
  const { forgotten = [], faultEvery = 3 } = limits;
  describe(`provider ${name}${forgotten.length > 0 ? ` (without ${forgotten.join(', ')}, which the server does not keep)` : ''}`, () => {
    for (const [what, check] of Object.entries(faultEvery > 0 ? { ...checks, ...checksWithFaults } : checks)) {
      it(what, async () => {
        const cloud = await open();
        try {
          await check(cloud, expect, { forgotten, faultEvery });
        } finally {
          await cloud.close();
        }
      });
    }
  });
}

type Check = (cloud: ConformanceCloud, expect: TestRunner['expect'], limits: Required<ConformanceLimits>) => Promise<void>;

const checks: Record<string, Check> = {
  'models the same input the same way, with kinds it knows and references that exist': async ({ provider, input }, expect) => {
    const desired = provider.model(input);
    expect(provider.model(input)).toEqual(desired);
    const keys = new Set(desired.map(resourceKey));
    expect(keys.size).toEqual(desired.length);
    expect(desired.filter((resource) => !provider.kinds.has(resource.kind)).map(resourceKey)).toEqual([]);
    const targets = desired.flatMap((resource) => [...refsIn(resource.attributes).map((reference) => reference.$ref), ...(resource.dependsOn ?? [])]);
    expect(targets.map(resourceKey).filter((key) => !keys.has(key))).toEqual([]);
  },

  'starts empty; after a create everything is there and nothing is left to change': async (cloud, expect, { forgotten }) => {
    const clusterName = clusterOf(cloud);
    expect(await cloud.provider.inventory(clusterName, never)).toEqual([]);
    expect(await cloud.provider.apiEndpoint(clusterName)).toEqual(undefined);
    await createAll(cloud);
    expect(await differences(cloud, forgotten)).toEqual([]);
    expect(typeof (await cloud.provider.apiEndpoint(clusterName))?.url).toEqual('string');
  },

  'creates twice without doubling anything': async (cloud, expect) => {
    await createAll(cloud);
    const ids = (await inventory(cloud)).map((resource) => resource.id).sort();
    await createAll(cloud);
    expect((await inventory(cloud)).map((resource) => resource.id).sort()).toEqual(ids);
  },

  'deletes everything, and again without an error': async (cloud, expect) => {
    await createAll(cloud);
    const before = await inventory(cloud);
    await deleteAll(cloud);
    expect(await inventory(cloud)).toEqual([]);
    for (const resource of before) await cloud.provider.kinds.get(resource.kind)?.delete(resource, context);
    expect(await cloud.provider.instances.groups(clusterOf(cloud))).toEqual([]);
  },

  'launches instances for every group, replaces a terminated one, lets a detached one run': async (cloud, expect) => {
    await createAll(cloud);
    const { instances } = cloud.provider;
    const clusterName = clusterOf(cloud);
    const group = await fullGroup(cloud);
    const victim = group.instances[0]?.id ?? '';
    await instances.terminate(clusterName, victim);
    await cloud.settle();
    const after = await fullGroup(cloud);
    expect(after.instances.some((instance) => instance.id === victim)).toEqual(false);
    expect(after.instances.length).toEqual(group.instances.length);
    const detached = after.instances[0]?.id ?? '';
    await instances.detach(clusterName, detached);
    await cloud.settle();
    const surged = await fullGroup(cloud);
    expect(surged.instances.length).toEqual(group.instances.length + 1);
    expect(surged.instances.find((instance) => instance.id === detached)?.detached).toEqual(true);
    expect(await errorClassOf(instances.terminate(clusterName, 'i-00000000000000000'))).toEqual('notFound');
  },

  'tells the cloud controllers which instances exist': async (cloud, expect) => {
    await createAll(cloud);
    const group = await fullGroup(cloud);
    const instance = group.instances[0];
    const node = nodeNamed(instance?.nodeName ?? '');
    const { controllers } = cloud.provider;
    const clusterName = clusterOf(cloud);
    expect(await controllers.instances.exists(clusterName, node)).toEqual(true);
    const metadata = await controllers.instances.metadata(clusterName, node);
    expect(metadata.zone).toEqual(instance?.zone);
    expect(metadata.addresses.find((address) => address.type === 'InternalIP')?.address).toEqual(instance?.privateIp);
    expect(await controllers.instances.exists(clusterName, { ...node, spec: { providerID: metadata.providerId } })).toEqual(true);
    await cloud.provider.instances.terminate(clusterOf(cloud), instance?.id ?? '');
    await cloud.settle();
    expect(await controllers.instances.exists(clusterName, node)).toEqual(false);
  },

  'gives a Service a load balancer whose address stays, and takes it back': async (cloud, expect, { forgotten }) => {
    await createAll(cloud);
    const { loadBalancers } = cloud.provider.controllers;
    const clusterName = clusterOf(cloud);
    const nodes = (await fullGroup(cloud)).instances.map((instance) => nodeNamed(instance.nodeName ?? ''));
    expect(await loadBalancers.get(clusterName, service(80))).toEqual(undefined);
    const status = await loadBalancers.ensure(clusterName, service(80), nodes);
    expect(status.ingress.length > 0).toEqual(true);
    expect(await loadBalancers.ensure(clusterName, service(80), nodes)).toEqual(status);
    expect(await loadBalancers.ensure(clusterName, service(81), nodes)).toEqual(status);
    await loadBalancers.update(clusterName, service(81), []);
    expect(await loadBalancers.get(clusterName, service(81))).toEqual(status);
    const made = (await inventory(cloud)).filter((resource) => resource.manager === 'kubernetes');
    expect(made.length > 0).toEqual(true);
    await loadBalancers.delete(clusterName, service(81));
    await loadBalancers.delete(clusterName, service(81));
    expect(await loadBalancers.get(clusterName, service(81))).toEqual(undefined);
    expect(await differences(cloud, forgotten)).toEqual([]);
  },

  'leaves nothing of a cluster whose own controllers made things': async (cloud, expect) => {
    await createAll(cloud);
    await cloud.provider.controllers.loadBalancers.ensure(clusterOf(cloud), service(80), []);
    await deleteAll(cloud);
    expect(await inventory(cloud)).toEqual([]);
  },
};

const checksWithFaults: Record<string, Check> = {
  'converges whichever call of a create is throttled': convergesAfter('throttled'),

  'converges whichever call of a create has its effect but loses its answer': convergesAfter('ambiguous'),
};

function convergesAfter(how: CloudErrorClass): Check {
  return async (cloud, expect, { forgotten, faultEvery }) => {
    const { failCall } = cloud;
    if (!failCall) return;
    for (let nth = 1; nth <= cloud.provider.model(cloud.input).length * 2; nth += faultEvery) {
      failCall(nth, how);
      await createAll(cloud);
      expect(await differences(cloud, forgotten)).toEqual([]);
      await deleteAll(cloud);
      expect(await inventory(cloud)).toEqual([]);
    }
  };
}
