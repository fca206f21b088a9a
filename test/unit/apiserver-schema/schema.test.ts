import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkFields } from '../../../src/control-plane/apiserver/schema/check.ts';
import { normalize } from '../../../src/control-plane/apiserver/schema/normalize.ts';
import { loadApiTables } from '../../../src/kube/api/tables.ts';
import { deepClone } from '../../../src/lib/json.ts';

const tables = loadApiTables();
type Loose = ReturnType<typeof JSON.parse>;

const normalized = (definition: string, object: Loose): Loose => {
  normalize(tables, definition, object);
  return object;
};

describe('field check', () => {
  test('unknown fields are named with their place', () => {
    const pod = { spec: { containers: [{ name: 'a', imagePullPolcy: 'Always' }], bogus: 1 }, extra: {} };
    expect(checkFields(tables, 'core.v1.Pod', pod).unknown).toEqual(['unknown field "spec.containers[0].imagePullPolcy"', 'unknown field "spec.bogus"', 'unknown field "extra"']);
  });

  test.each([
    ['apps.v1.Deployment', { spec: { replicas: 'two' } }, 'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32'],
    ['apps.v1.Deployment', { spec: { replicas: 1.5 } }, 'json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32'],
    ['core.v1.Service', { spec: { ports: [{ port: true }] } }, 'json: cannot unmarshal bool into Go struct field ServicePort.spec.ports.port of type int32'],
    ['core.v1.Pod', { spec: { containers: {} } }, 'json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container'],
    ['core.v1.ConfigMap', { data: { a: 1 } }, 'json: cannot unmarshal number into Go struct field ConfigMap.data of type string'],
    ['core.v1.Secret', { data: { a: '%' } }, 'illegal base64 data at input byte 0'],
  ])('%s with a value of a wrong type', (definition, object, message) => {
    expect(checkFields(tables, definition, object).invalid.map((cause) => cause.message)).toEqual([message]);
  });

  test('quantities and ports are numbers or text', () => {
    const pod = { spec: { containers: [{ name: 'a', resources: { limits: { cpu: 1, memory: '1Gi' } }, livenessProbe: { httpGet: { port: 'http' } } }] } };
    expect(checkFields(tables, 'core.v1.Pod', pod)).toEqual({ unknown: [], invalid: [] });
    expect(checkFields(tables, 'core.v1.Pod', { spec: { containers: [{ resources: { limits: { cpu: '1 core' } } }] } }).invalid[0]?.message).toMatch(/^quantities must match/);
  });
});

describe('what the API keeps of an object', () => {
  test('nulls, empty values and unknown fields go; zero behind a pointer stays', () => {
    const web = {
      metadata: { name: 'a', creationTimestamp: null, labels: {} },
      spec: { replicas: 0, paused: false, minReadySeconds: 0, template: { spec: { hostNetwork: false } } },
      x: 1,
    };
    expect(normalized('apps.v1.Deployment', web)).toEqual({ metadata: { name: 'a' }, spec: { replicas: 0, strategy: {}, template: { metadata: {}, spec: {} } }, status: {} });
  });

  test('quantities take their canonical form', () => {
    const limits = normalized('core.v1.Pod', { spec: { containers: [{ name: 'a', resources: { limits: { cpu: 0.5, memory: '1024Mi' } } }] } }).spec.containers[0].resources.limits;
    expect(limits).toEqual({ cpu: '500m', memory: '1Gi' });
  });

  test('times are in UTC, to the second; micro times stay', () => {
    const pod = normalized('core.v1.Pod', { status: { startTime: '2026-01-01T02:00:00.5+02:00' } });
    expect(pod.status.startTime).toBe('2026-01-01T00:00:00Z');
    expect(normalized('coordination.v1.Lease', { spec: { renewTime: '2026-01-01T00:00:00.123456Z' } }).spec.renewTime).toBe('2026-01-01T00:00:00.123456Z');
  });

  test('once is enough, for every kind and any field left out', () => {
    const names = [...tables.resources.values()].map((resource) => tables.definitionOf(resource.group, resource.version, resource.kind) ?? '');
    const json = fc.dictionary(
      fc.constantFrom('metadata', 'spec', 'status', 'data', 'rules', 'x'),
      fc.oneof(fc.constant(null), fc.constant({}), fc.dictionary(fc.constantFrom('labels', 'name', 'replicas'), fc.constantFrom<unknown>('', 0, null, {}, 'a'))),
    );
    fc.assert(
      fc.property(fc.constantFrom(...names), json, (name, object) => {
        const first = normalized(name, deepClone(object));
        expect(normalized(name, deepClone(first))).toEqual(first);
      }),
      { numRuns: 200 },
    );
  });
});
