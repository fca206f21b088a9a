import { describe, expect, test } from 'vitest';
import { strategyFor } from '../../../src/control-plane/apiserver/kinds/index.ts';
import { trackFields } from '../../../src/control-plane/apiserver/patch/managed-fields.ts';
import { serverSideApply } from '../../../src/control-plane/apiserver/patch/server-side-apply.ts';
import { loadApiTables } from '../../../src/kube/api/tables.ts';
import type { KubeObject } from '../../../src/kube/objects.ts';
import { isStatus } from '../../../src/kube/status.ts';
import { deepClone } from '../../../src/lib/json.ts';

/** Objects as kubectl users see them: any field may be there. */
type Loose = ReturnType<typeof JSON.parse>;

const tables = loadApiTables();
const strategy = strategyFor(tables.resource('apps', 'v1', 'deployments')!);
const time = '2026-01-01T00:00:00Z';

const config = (extra: { replicas?: number; image?: string; labels?: Record<string, string>; env?: object[] } = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default', ...(extra.labels && { labels: extra.labels }) },
  spec: {
    ...(extra.replicas !== undefined && { replicas: extra.replicas }),
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'nginx', image: extra.image ?? 'nginx:1', ...(extra.env && { env: extra.env }) }] } },
  },
});

function apply(current: KubeObject | undefined, patch: KubeObject, manager: string, force = false, at = time): Loose {
  const result = serverSideApply({ tables, definition: 'apps.v1.Deployment', current, patch, manager, force, subresource: undefined, time: at });
  strategy.default(result);
  return result;
}

function update(current: KubeObject, change: (object: Loose) => void, manager: string, at = time): Loose {
  const next = deepClone(current);
  change(next);
  trackFields(tables, next, current, { manager, operation: 'Update', subresource: undefined, time: at });
  return next;
}

const entry = (object: Loose, manager: string) => object.metadata.managedFields.find((candidate: Loose) => candidate.manager === manager);

describe('server-side apply', () => {
  test('the applied fields are noted as Kubernetes notes them', () => {
    const web = apply(undefined, config({ replicas: 2, labels: { a: 'b' } }), 'kubectl');
    expect(web.metadata.managedFields).toEqual([
      {
        manager: 'kubectl',
        operation: 'Apply',
        apiVersion: 'apps/v1',
        time,
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:metadata': { 'f:labels': { 'f:a': {} } },
          'f:spec': {
            'f:replicas': {},
            'f:selector': {},
            'f:template': { 'f:metadata': { 'f:labels': { 'f:app': {} } }, 'f:spec': { 'f:containers': { 'k:{"name":"nginx"}': { '.': {}, 'f:image': {}, 'f:name': {} } } } },
          },
        },
      },
    ]);
    expect(web.spec.strategy.type).toBe('RollingUpdate');
  });

  test('what a manager leaves out goes; what others own stays', () => {
    let web = apply(undefined, config({ replicas: 2, labels: { mine: '1', shared: '1' }, env: [{ name: 'A', value: '1' }] }), 'one');
    web = apply(web, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', labels: { shared: '1' } } }, 'two');
    web = apply(web, config({ labels: {} }), 'one');
    expect(web.metadata.labels).toEqual({ shared: '1' });
    expect(web.spec.template.spec.containers[0].env).toBeUndefined();
    expect(web.spec.replicas, 'back to its default').toBe(1);
  });

  test('another manager`s value is a conflict, unless forced', () => {
    const web = update(
      apply(undefined, config({ replicas: 2 }), 'one'),
      (object) => {
        object.spec.replicas = 7;
      },
      'kubectl-scale',
    );
    expect(entry(web, 'one').fieldsV1['f:spec']['f:replicas']).toBeUndefined();
    try {
      apply(web, config({ replicas: 3 }), 'one');
      expect.unreachable();
    } catch (error) {
      expect(isStatus(error, 'Conflict')).toBe(true);
      expect((error as Loose).status).toMatchObject({
        code: 409,
        message: `Apply failed with 1 conflict: conflict with "kubectl-scale" using apps/v1: .spec.replicas`,
        details: { causes: [{ reason: 'FieldManagerConflict', field: '.spec.replicas', message: `conflict with "kubectl-scale" using apps/v1` }] },
      });
    }
    const forced = apply(web, config({ replicas: 3 }), 'one', true);
    expect(forced.spec.replicas).toBe(3);
    expect(entry(forced, 'kubectl-scale')).toBeUndefined();
  });

  test('several conflicts are listed by owner, with keys of list items', () => {
    const web = update(
      apply(undefined, config({ replicas: 2 }), 'one'),
      (object) => {
        object.spec.replicas = 7;
        object.spec.template.spec.containers[0].image = 'x';
      },
      'edit',
    );
    expect(() => apply(web, config({ replicas: 3, image: 'nginx:2' }), 'one')).toThrow(
      `Apply failed with 2 conflicts: conflicts with "edit" using apps/v1:\n- .spec.replicas\n- .spec.template.spec.containers[name="nginx"].image`,
    );
  });

  test('the same value is owned together, without conflict', () => {
    const web = apply(apply(undefined, config({ replicas: 2 }), 'one'), config({ replicas: 2 }), 'two');
    expect(web.metadata.managedFields.map((e: Loose) => e.manager).sort()).toEqual(['one', 'two']);
    expect(apply(web, config(), 'one').spec.replicas).toBe(2);
  });

  test('applying the same again changes nothing, not even the time', () => {
    const web = apply(undefined, config({ replicas: 2 }), 'one');
    expect(apply(web, config({ replicas: 2 }), 'one', false, '2027-01-01T00:00:00Z')).toEqual(web);
  });

  test('the same item twice is refused', () => {
    const twice = config();
    (twice.spec as Loose).template.spec.containers.push({ name: 'nginx', image: 'other' });
    expect(() => apply(undefined, twice, 'one')).toThrow(
      'failed to create typed patch object (default/web; apps/v1, Kind=Deployment): .spec.template.spec.containers: duplicate entries for key [name="nginx"]',
    );
  });

  test('a list item that is not applied any more goes, ports count as TCP', () => {
    const service = (ports: object[]): KubeObject => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { ports } });
    const run = (current: KubeObject | undefined, ports: object[]): Loose =>
      serverSideApply({ tables, definition: 'core.v1.Service', current, patch: service(ports), manager: 'm', force: false, subresource: undefined, time });
    const first = run(undefined, [
      { name: 'a', port: 80 },
      { name: 'b', port: 81, protocol: 'TCP' },
    ]);
    first.spec.ports[0].protocol = 'TCP';
    expect(run(first, [{ name: 'a', port: 80, targetPort: 8080 }]).spec.ports).toEqual([{ name: 'a', port: 80, protocol: 'TCP', targetPort: 8080 }]);
  });
});

describe('managed fields of plain writes', () => {
  test('a create owns what it set and what was defaulted, as Kubernetes writes it', () => {
    const web: Loose = config({ labels: { app: 'web' } });
    strategy.default(web);
    trackFields(tables, web, undefined, { manager: 'kubectl-create', operation: 'Update', subresource: undefined, time });
    const fields = web.metadata.managedFields[0].fieldsV1;
    expect(fields['f:metadata']).toEqual({ 'f:labels': { '.': {}, 'f:app': {} } });
    expect(fields['f:spec']['f:strategy']).toEqual({ 'f:rollingUpdate': { '.': {}, 'f:maxSurge': {}, 'f:maxUnavailable': {} }, 'f:type': {} });
    expect(fields['f:spec']['f:template']['f:spec']['f:containers']).toEqual({
      'k:{"name":"nginx"}': { '.': {}, 'f:image': {}, 'f:imagePullPolicy': {}, 'f:name': {}, 'f:resources': {}, 'f:terminationMessagePath': {}, 'f:terminationMessagePolicy': {} },
    });
  });

  test('status writers have entries of their own; unchanged writes change nothing', () => {
    const web: Loose = config();
    trackFields(tables, web, undefined, { manager: 'a', operation: 'Update', subresource: undefined, time });
    const next = deepClone(web);
    next.status = { replicas: 1 };
    trackFields(tables, next, web, { manager: 'a', operation: 'Update', subresource: 'status', time: '2026-02-01T00:00:00Z' });
    expect(next.metadata.managedFields.map((e: Loose) => [e.manager, e.subresource])).toEqual([
      ['a', undefined],
      ['a', 'status'],
    ]);
    const again = deepClone(next);
    trackFields(tables, again, next, { manager: 'a', operation: 'Update', subresource: 'status', time: '2027-02-01T00:00:00Z' });
    expect(again).toEqual(next);
  });

  test('a list of one empty entry clears the record', () => {
    const web: Loose = update(
      config(),
      (object) => {
        object.spec.replicas = 1;
      },
      'a',
    );
    const cleared = update(
      web,
      (object) => {
        object.metadata.managedFields = [{}];
      },
      'b',
    );
    expect(cleared.metadata.managedFields).toBeUndefined();
  });
});
