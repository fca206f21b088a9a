import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { followService, IpAllocator, type KindContext, PortAllocator, strategyFor } from '../../../src/control-plane/apiserver/kinds/index.ts';
import { loadApiTables } from '../../../src/kube/api/tables.ts';
import type { KubeObject } from '../../../src/kube/objects.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { deepClone } from '../../../src/lib/json.ts';
import { SeededRandom } from '../../../src/lib/random.ts';

const tables = loadApiTables();
/** Objects as kubectl users see them: any field may be there. */
type Loose = ReturnType<typeof JSON.parse>;

const resourceOf = (kind: string) => [...tables.resources.values()].find((resource) => resource.kind === kind)!;

function makeContext(): KindContext {
  const random = new SeededRandom(1);
  const allocators = { clusterIp: new IpAllocator('10.96.0.0/24', random), nodePort: new PortAllocator({ from: 30000, to: 30009 }, random) };
  return { user: { name: 'a', groups: [] }, clock: new VirtualClock(), random, allocators };
}

function created(object: Loose, context = makeContext()): Loose {
  const strategy = strategyFor(resourceOf(object.kind));
  const copy = deepClone(object);
  strategy.default(copy);
  strategy.prepareForCreate(copy, context);
  expect(errorsOf(copy)).toEqual([]);
  strategy.allocate?.(copy, undefined, context);
  return copy;
}

function updated(old: Loose, change: (object: Loose) => void, context = makeContext(), subresource?: string): { object: Loose; errors: string[] } {
  const strategy = strategyFor(resourceOf(old.kind));
  const object = deepClone(old);
  change(object);
  strategy.default(object);
  strategy.prepareForUpdate(object, old, subresource === undefined ? context : { ...context, subresource });
  const errors = strategy.validateUpdate(object, old).map(({ field, message }) => `${field}: ${message}`);
  if (errors.length === 0) strategy.allocate?.(object, old, context);
  return { object, errors };
}

const errorsOf = (object: KubeObject): string[] =>
  strategyFor(resourceOf(object.kind))
    .validate(object)
    .map(({ field, message }) => `${field}: ${message}`);

function refused(object: Loose): string[] {
  const copy = deepClone(object);
  strategyFor(resourceOf(object.kind)).default(copy);
  return errorsOf(copy);
}

const container = (extra: object = {}) => ({ name: 'web', image: 'nginx:1.27', ...extra });
const pod = (spec: object = {}, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default', ...metadata },
  spec: { containers: [container()], ...spec },
});
const deployment = (spec: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: { selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [container()] } }, ...spec },
});
const service = (spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80 }], ...spec },
});
const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

describe('pods', () => {
  test('a new pod has Kubernetes` defaults', () => {
    expect(created(pod({ containers: [container({ ports: [{ containerPort: 80 }], resources: { limits: { cpu: '0.5' } }, readinessProbe: { httpGet: { port: 80 } } })] }))).toEqual(
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'web', namespace: 'default', generation: 1 },
        spec: {
          containers: [
            {
              name: 'web',
              image: 'nginx:1.27',
              ports: [{ containerPort: 80, protocol: 'TCP' }],
              resources: { limits: { cpu: '500m' }, requests: { cpu: '500m' } },
              readinessProbe: { httpGet: { port: 80, path: '/', scheme: 'HTTP' }, timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 },
              terminationMessagePath: '/dev/termination-log',
              terminationMessagePolicy: 'File',
              imagePullPolicy: 'IfNotPresent',
            },
          ],
          dnsPolicy: 'ClusterFirst',
          enableServiceLinks: true,
          restartPolicy: 'Always',
          schedulerName: 'default-scheduler',
          securityContext: {},
          terminationGracePeriodSeconds: 30,
        },
        status: { phase: 'Pending', qosClass: 'Burstable' },
      },
    );
  });

  test.each([
    ['nginx', 'Always'],
    ['nginx:latest', 'Always'],
    ['localhost:5000/nginx', 'Always'],
    ['localhost:5000/nginx:1', 'IfNotPresent'],
    ['nginx@sha256:00', 'IfNotPresent'],
  ])('pull policy of %s is %s', (image, policy) => {
    expect(created(pod({ containers: [container({ image })] })).spec.containers[0].imagePullPolicy).toBe(policy);
  });

  test.each([
    [{}, 'BestEffort'],
    [{ requests: { cpu: '1' } }, 'Burstable'],
    [{ limits: { cpu: '1' } }, 'Burstable'],
    [{ limits: { cpu: '1', memory: '1Gi' } }, 'Guaranteed'],
    [{ limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } }, 'Burstable'],
  ])('resources %j are %s', (resources, qos) => {
    expect(created(pod({ containers: [container({ resources })] })).status.qosClass).toBe(qos);
  });

  test.each<[Loose, string[]]>([
    [pod({}, { name: 'A' }), [`metadata.name: Invalid value: "A": ${subdomain}`]],
    [pod({ containers: [] }), ['spec.containers: Required value']],
    [pod({ containers: [{ image: 'x' }] }), ['spec.containers[0].name: Required value']],
    [pod({ containers: [{ name: 'a' }] }), ['spec.containers[0].image: Required value']],
    [pod({ containers: [container(), container()] }), ['spec.containers[1].name: Duplicate value: "web"']],
    [pod({ restartPolicy: 'Sometimes' }), ['spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure"']],
    [
      pod({ containers: [container({ ports: [{ containerPort: 70000 }] })] }),
      ['spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive'],
    ],
    [pod({ containers: [container({ volumeMounts: [{ name: 'v', mountPath: '/v' }] })] }), ['spec.containers[0].volumeMounts[0].name: Not found: "v"']],
    [
      pod({ containers: [container({ resources: { limits: { cpu: '1' }, requests: { cpu: '2' } } })] }),
      ['spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1'],
    ],
    [pod({ containers: [container({ livenessProbe: {} })] }), ['spec.containers[0].livenessProbe: Required value: must specify a handler type']],
    [pod({ containers: [container({ env: [{ name: '' }] })] }), ['spec.containers[0].env[0].name: Required value']],
    [pod({ volumes: [{ name: 'v', configMap: {} }] }), ['spec.volumes[0].configMap.name: Required value']],
    [pod({ volumes: [{ name: 'v', emptyDir: {}, secret: { secretName: 's' } }] }), ['spec.volumes[0].secret: Forbidden: may not specify more than 1 volume type']],
    [
      pod({ volumes: [{ name: 'v', secret: { secretName: 's', items: [{ key: 'k', path: '../up' }] } }] }),
      ['spec.volumes[0].secret.items[0].path: Invalid value: "../up": must not contain \'..\''],
    ],
    [
      pod({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } } }),
      ['spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term'],
    ],
    [
      pod({ affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 101, podAffinityTerm: {} }] } } }),
      [
        'spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 101: must be in the range 1-100',
        'spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.topologyKey: Required value: can not be empty',
      ],
    ],
  ])('refused in Kubernetes` own words %#', (object, messages) => {
    expect(refused(object)).toEqual(messages);
  });

  test('of a pod`s spec only little may change', () => {
    const old = created(pod({ tolerations: [{ key: 'a', operator: 'Exists' }] }));
    expect(
      updated(old, (object) => {
        object.spec.containers[0].image = 'nginx:2';
        object.spec.tolerations.push({ key: 'b', operator: 'Exists' });
      }).errors,
    ).toEqual([]);
    expect(
      updated(old, (object) => {
        object.spec.nodeName = 'n1';
      }).errors[0],
    ).toMatch(
      /^spec: Forbidden: pod updates may not change fields other than `spec\.containers\[\*\]\.image`,`spec\.initContainers\[\*\]\.image`,`spec\.activeDeadlineSeconds`,`spec\.tolerations` \(only additions to existing tolerations\)/,
    );
    expect(
      updated(old, (object) => {
        object.spec.tolerations = [];
      }).errors,
    ).toContain('spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds');
    expect(
      updated(old, (object) => {
        object.spec.containers.push(container({ name: 'b' }));
      }).errors,
    ).toEqual(['spec.containers: Forbidden: pod updates may not add or remove containers']);
  });

  test('a status write changes the status only, a spec write never', () => {
    const old = created(pod());
    const status = updated(
      old,
      (object) => {
        object.status.phase = 'Running';
        object.spec.containers[0].image = 'x';
      },
      makeContext(),
      'status',
    ).object;
    expect(status).toMatchObject({ status: { phase: 'Running', qosClass: 'BestEffort' }, spec: { containers: [{ image: 'nginx:1.27' }] }, metadata: { generation: 1 } });
    const spec = updated(old, (object) => {
      object.status.phase = 'Running';
      object.spec.containers[0].image = 'x';
    }).object;
    expect(spec).toMatchObject({ status: { phase: 'Pending' }, metadata: { generation: 2 } });
  });

  test('how long a deleted pod stays', () => {
    const grace = strategyFor(resourceOf('Pod')).graceSeconds!;
    const bound = created(pod({ nodeName: 'n' }));
    expect([grace(bound, undefined), grace(bound, 5), grace(bound, -1)]).toEqual([30, 5, 1]);
    expect(grace(created(pod()), undefined), 'no kubelet has it').toBe(0);
    expect(grace({ ...bound, status: { phase: 'Succeeded' } }, undefined)).toBe(0);
  });

  test('scheduling gates', () => {
    const gated = created(pod({ schedulingGates: [{ name: 'example.com/wait' }] }));
    expect(gated.status.conditions).toMatchObject([{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }]);
    expect(
      updated(gated, (object) => {
        object.spec.schedulingGates = [];
      }).errors,
    ).toEqual([]);
    expect(
      updated(gated, (object) => {
        object.spec.schedulingGates.push({ name: 'example.com/more' });
      }).errors[0],
    ).toMatch(/^spec.schedulingGates: Forbidden: only deletion is allowed/);
  });
});

describe('deployments and replica sets', () => {
  test('defaults', () => {
    expect(created(deployment()).spec).toMatchObject({
      replicas: 1,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
    });
    expect(created(deployment()).spec.template.spec).not.toHaveProperty('enableServiceLinks');
  });

  test.each<[Loose, string[]]>([
    [
      { template: { metadata: { labels: { app: 'other' } }, spec: { containers: [container()] } } },
      ['spec.template.metadata.labels: Invalid value: {"app":"other"}: `selector` does not match template `labels`'],
    ],
    [{ selector: {} }, ['spec.selector: Invalid value: {}: empty selector is invalid for deployment']],
    [{ selector: undefined }, ['spec.selector: Required value']],
    [{ replicas: -1 }, ['spec.replicas: Invalid value: -1: must be greater than or equal to 0']],
    [{ strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } }, ["spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"]],
    [{ strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } }, ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0']],
    [{ progressDeadlineSeconds: 5, minReadySeconds: 5 }, ['spec.progressDeadlineSeconds: Invalid value: 5: must be greater than minReadySeconds']],
  ])('refused %#', (spec, messages) => {
    expect(refused(deployment(spec))).toEqual(messages);
  });

  test('the selector is for ever; the generation counts what the user asks', () => {
    const old = created(deployment());
    const other = updated(old, (object) => {
      object.spec.selector.matchLabels = { a: 'b' };
      object.spec.template.metadata.labels = { a: 'b' };
    });
    expect(other.errors).toEqual(['spec.selector: Invalid value: {"matchLabels":{"a":"b"}}: field is immutable']);
    expect(
      updated(old, (object) => {
        object.spec.replicas = 3;
      }).object.metadata.generation,
    ).toBe(2);
    expect(
      updated(old, (object) => {
        object.metadata.labels = { a: 'b' };
      }).object.metadata.generation,
    ).toBe(1);
    expect(
      updated(
        old,
        (object) => {
          object.status = { replicas: 3 };
        },
        makeContext(),
        'status',
      ).object,
    ).toMatchObject({ metadata: { generation: 1 }, status: { replicas: 3 } });
  });
});

describe('services', () => {
  test('a cluster IP is given, kept by writers who leave it out, and released', () => {
    const context = makeContext();
    const web = created(service(), context);
    expect(web.spec).toMatchObject({
      type: 'ClusterIP',
      clusterIP: expect.stringMatching(/^10\.96\.0\./),
      internalTrafficPolicy: 'Cluster',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      sessionAffinity: 'None',
    });
    expect(web.spec.clusterIPs).toEqual([web.spec.clusterIP]);
    expect(web.spec.ports).toEqual([{ port: 80, protocol: 'TCP', targetPort: 80 }]);
    const again = updated(
      web,
      (object) => {
        delete object.spec.clusterIP;
        delete object.spec.clusterIPs;
      },
      context,
    ).object;
    expect(again.spec.clusterIP).toBe(web.spec.clusterIP);
    expect(
      updated(
        web,
        (object) => {
          object.spec.clusterIP = '10.96.0.77';
        },
        context,
      ).errors,
    ).toEqual(['spec.clusterIPs[0]: Invalid value: ["10.96.0.77"]: may not change once set']);
    strategyFor(resourceOf('Service')).release?.(web, undefined, context);
    expect(context.allocators.clusterIp.allocateSpecific(web.spec.clusterIP)).toBe(true);
  });

  test('node ports come with the type and go with it', () => {
    const context = makeContext();
    const web = created(service({ type: 'NodePort' }), context);
    expect(web.spec.ports[0].nodePort).toBeGreaterThanOrEqual(30000);
    expect(web.spec.externalTrafficPolicy).toBe('Cluster');
    const same = updated(
      web,
      (object) => {
        delete object.spec.ports[0].nodePort;
      },
      context,
    ).object;
    expect(same.spec.ports).toEqual(web.spec.ports);
    const inner = updated(
      web,
      (object) => {
        object.spec.type = 'ClusterIP';
      },
      context,
    ).object;
    expect(inner.spec.ports[0]).not.toHaveProperty('nodePort');
    expect(inner.spec).not.toHaveProperty('externalTrafficPolicy');
    strategyFor(resourceOf('Service')).release?.(web, inner, context);
    expect(context.allocators.nodePort.allocateSpecific(web.spec.ports[0].nodePort)).toBe(true);
  });

  test('what is taken or out of range is refused, and nothing stays taken', () => {
    const context = makeContext();
    const first = created(service({ type: 'NodePort', clusterIP: '10.96.0.9', ports: [{ port: 80, nodePort: 30001 }] }), context);
    const allocate = (spec: object) => created({ ...service(spec), metadata: { name: 'b', namespace: 'default' } }, context);
    expect(() => allocate({ clusterIP: '10.96.0.9' })).toThrow(
      'Service "b" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.9"]: failed to allocate IP 10.96.0.9: provided IP is already allocated',
    );
    expect(() => allocate({ clusterIP: '10.1.0.9' })).toThrow('the provided IP (10.1.0.9) is not in the valid range. The range of valid IPs is 10.96.0.0/24');
    expect(() => allocate({ type: 'NodePort', clusterIP: '10.96.0.10', ports: [{ port: 80, nodePort: 30001 }] })).toThrow(
      'spec.ports[0].nodePort: Invalid value: 30001: provided port is already allocated',
    );
    expect(() => allocate({ type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] })).toThrow(
      'spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-30009',
    );
    expect(allocate({ clusterIP: '10.96.0.10' }).spec.clusterIP, 'the failed attempt gave it back').toBe('10.96.0.10');
    const other = makeContext();
    followService(first, undefined, other.allocators);
    expect(other.allocators.clusterIp.allocateSpecific('10.96.0.9')).toBe(false);
    expect(other.allocators.nodePort.allocateSpecific(30001)).toBe(false);
  });

  test('client affinity lasts three hours unless it says otherwise', () => {
    expect(created(service({ sessionAffinity: 'ClientIP' })).spec.sessionAffinityConfig).toEqual({ clientIP: { timeoutSeconds: 10_800 } });
  });

  test('headless and external services have no address', () => {
    expect(created(service({ clusterIP: 'None' })).spec).toMatchObject({ clusterIP: 'None', clusterIPs: ['None'] });
    expect(created(service({ type: 'ExternalName', externalName: 'db.example.com', ports: undefined, selector: undefined })).spec).toEqual({
      type: 'ExternalName',
      externalName: 'db.example.com',
      sessionAffinity: 'None',
    });
  });

  test.each<[Loose, string[]]>([
    [{ ports: [] }, ['spec.ports: Required value']],
    [{ ports: [{ port: 80 }, { port: 81 }] }, ['spec.ports[0].name: Required value', 'spec.ports[1].name: Required value']],
    [{ ports: [{ port: 80, nodePort: 30000 }] }, ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"]],
    [{ type: 'External' }, ['spec.type: Unsupported value: "External": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"']],
    [{ ports: [{ port: 80, protocol: 'HTTP' }] }, ['spec.ports[0].protocol: Unsupported value: "HTTP": supported values: "SCTP", "TCP", "UDP"']],
    [{ ipFamilyPolicy: 'RequireDualStack' }, ['spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services']],
    [{ ipFamilies: ['IPv6'] }, ['spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster']],
    [
      { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 0 } } },
      ['spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 0: must be greater than 0 and less than 86400'],
    ],
    [{ type: 'LoadBalancer', clusterIP: 'None' }, ['spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for LoadBalancer services']],
  ])('refused %#', (spec, messages) => {
    expect(refused(service(spec))).toEqual(messages);
  });

  test('allocators never give the same twice, and give everything', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 26, max: 30 }), (seed, prefix) => {
        const allocator = new IpAllocator(`10.0.0.0/${prefix}`, new SeededRandom(seed));
        const given = new Set<string>();
        for (let ip = allocator.allocate(); ip !== undefined; ip = allocator.allocate()) {
          expect(given.has(ip)).toBe(false);
          given.add(ip);
        }
        expect(given.size).toBe(2 ** (32 - prefix) - 2);
      }),
      { numRuns: 20 },
    );
  });
});

describe('other kinds', () => {
  test('namespaces, secrets, bindings, priority classes get what Kubernetes gives them', () => {
    expect(created({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } })).toEqual({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'n', labels: { 'kubernetes.io/metadata.name': 'n' } },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
    expect(created({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'n' }, stringData: { a: 'b' } })).toMatchObject({ type: 'Opaque', data: { a: 'Yg==' } });
    const binding = created({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'b', namespace: 'n' },
      roleRef: { kind: 'Role', name: 'r' },
      subjects: [{ kind: 'User', name: 'u' }],
    });
    expect(binding).toMatchObject({ roleRef: { apiGroup: 'rbac.authorization.k8s.io' }, subjects: [{ apiGroup: 'rbac.authorization.k8s.io' }] });
    expect(created({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'p' }, value: 1 }).preemptionPolicy).toBe('PreemptLowerPriority');
  });

  test('a node keeps the status it registers with; writes of the node do not touch it', () => {
    const node = created({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'n' },
      spec: { podCIDR: '10.0.0.0/24', podCIDRs: ['10.0.0.0/24'] },
      status: { capacity: { cpu: '4' } },
    });
    expect(node.status).toMatchObject({ capacity: { cpu: '4' }, allocatable: { cpu: '4' } });
    expect(
      updated(node, (object) => {
        object.status = {};
      }).object.status.capacity,
    ).toEqual({ cpu: '4' });
    expect(
      updated(node, (object) => {
        object.spec.podCIDRs = ['10.1.0.0/24'];
      }).errors,
    ).toEqual(['spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid']);
  });

  test('endpoint slices name only addresses that traffic may reach, and the cluster`s own loopback block', () => {
    const slice = (address: string) => ({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 's', namespace: 'n' },
      addressType: 'IPv4',
      endpoints: [{ addresses: [address] }],
      ports: [{ port: 80 }],
    });
    const check = (address: string, loopbackBlocks: string[] = []) =>
      strategyFor(resourceOf('EndpointSlice'), { loopbackBlocks })
        .validate(created0(slice(address)))
        .map(({ message }) => message);
    expect(check('10.0.0.1')).toEqual([]);
    expect(check('127.0.0.1')).toEqual(['Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)']);
    expect(check('127.16.0.5', ['127.16.0.0/16'])).toEqual([]);
    expect(check('127.0.0.1', ['127.16.0.0/16'])).toHaveLength(1);
    expect(check('169.254.169.254')).toHaveLength(1);
  });

  test('secrets and config maps that are immutable stay; types are fixed', () => {
    const map = created({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'n' }, data: { a: '1' }, immutable: true });
    expect(
      updated(map, (object) => {
        object.data.a = '2';
      }).errors,
    ).toEqual(['data: Forbidden: field is immutable when `immutable` is set']);
    const secret = created({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'n' } });
    expect(
      updated(secret, (object) => {
        object.type = 'other';
      }).errors,
    ).toEqual(['type: Invalid value: "other": field is immutable']);
    expect(refused({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'n' }, type: 'kubernetes.io/tls' })).toEqual([
      'data[tls.crt]: Required value',
      'data[tls.key]: Required value',
    ]);
  });

  test('roles and bindings', () => {
    const role = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'system:x', namespace: 'n' },
      rules: [{ verbs: [], apiGroups: [''], resources: [] }],
    };
    expect(refused(role)).toEqual([
      'rules[0].verbs: Required value: verbs must contain at least one value',
      'rules[0].resources: Required value: resource rules must supply at least one resource',
    ]);
    const binding = created({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name: 'b' }, roleRef: { kind: 'ClusterRole', name: 'r' } });
    expect(
      updated(binding, (object) => {
        object.roleRef.name = 'other';
      }).errors[0],
    ).toMatch(/^roleRef: Invalid value: .*: cannot change roleRef$/);
  });

  test('names and metadata are for ever', () => {
    const map = created({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'n', uid: '1' } });
    expect(
      updated(map, (object) => {
        object.metadata.uid = '2';
      }).errors,
    ).toEqual(['metadata.uid: Invalid value: "2": field is immutable']);
    expect(refused({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'n', labels: { 'a/b/c': 'x', ok: 'not ok' } } })).toHaveLength(2);
  });

  test('values for field selectors', () => {
    const fields = strategyFor(resourceOf('Pod')).selectableFields(created(pod({ nodeName: 'n1' })));
    expect(fields).toMatchObject({ 'metadata.name': 'web', 'metadata.namespace': 'default', 'spec.nodeName': 'n1', 'status.phase': 'Pending', 'spec.hostNetwork': 'false' });
    for (const resource of tables.resources.values()) {
      const known = strategyFor(resource).selectableFields({ apiVersion: 'v1', kind: resource.kind, metadata: { name: 'x' }, spec: {} });
      for (const label of resource.fieldLabels.values()) expect(known, `${resource.kind} ${label}`).toHaveProperty([label]);
    }
  });
});

function created0(object: Loose): KubeObject {
  const copy = deepClone(object);
  strategyFor(resourceOf(object.kind)).default(copy);
  return copy;
}
