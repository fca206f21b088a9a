import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatYaml } from '../../../src/lib/yaml.ts';
import { checkShape, parseKopsObjects } from '../../../src/spec/schema.ts';

const cluster = (spec: object, more: object = {}) => ({ apiVersion: 'kops.k8s.io/v1alpha2', kind: 'Cluster', metadata: { name: 'a.k8s.local' }, spec, ...more });
const messages = (object: unknown) =>
  checkShape(object, 'cluster.yaml').map((finding) => `${finding.object} ${finding.path}: ${finding.message}${finding.hint ? ` (${finding.hint})` : ''}`);

describe('the schema', () => {
  it('names an unknown field, its path and the nearest name', () => {
    expect(messages(cluster({ kubernetesVerson: 'v1.36.0', subnets: [{ name: 'x', typ: 'Public' }] }))).toEqual([
      'Cluster/a.k8s.local spec.kubernetesVerson: is not a field of kops.k8s.io/v1alpha2 (did you mean kubernetesVersion?)',
      'Cluster/a.k8s.local spec.subnets[0].typ: is not a field of kops.k8s.io/v1alpha2 (did you mean type?)',
    ]);
  });

  it('reports all wrong types at once', () => {
    expect(messages(cluster({ kubernetesVersion: 1.36, subnets: {}, etcdClusters: [{ name: 'main', etcdMembers: [{ volumeSize: 'big', encryptedVolume: 'yes' }] }] }))).toEqual([
      'Cluster/a.k8s.local spec.kubernetesVersion: must be a string, not 1.36 (put it in quotes: "1.36")',
      'Cluster/a.k8s.local spec.subnets: must be a list, not an object',
      'Cluster/a.k8s.local spec.etcdClusters[0].etcdMembers[0].volumeSize: must be a whole number, not "big"',
      'Cluster/a.k8s.local spec.etcdClusters[0].etcdMembers[0].encryptedVolume: must be true or false, not "yes"',
    ]);
  });

  it('names a kind it does not know, and what is missing', () => {
    expect(messages({ apiVersion: 'v1', kind: 'Clutser', metadata: {} })).toEqual([
      'cluster.yaml apiVersion: must be kops.k8s.io/v1alpha2, not "v1"',
      'cluster.yaml kind: must be one of Cluster, InstanceGroup, SSHCredential, not "Clutser" (did you mean Cluster?)',
    ]);
    expect(messages({ apiVersion: 'kops.k8s.io/v1alpha2', kind: 'Cluster', metadata: {} })).toEqual(['cluster.yaml spec: is required', 'cluster.yaml metadata.name: is required']);
  });

  it('reads the legacy spelling of the version and free-form maps', () => {
    const [object] = parseKopsObjects(formatYaml(cluster({ cloudLabels: { 'a.b/c': 'd' } }, { apiVersion: 'kops/v1alpha2' })), 'cluster.yaml');
    expect(object).toMatchObject({ apiVersion: 'kops.k8s.io/v1alpha2', spec: { cloudLabels: { 'a.b/c': 'd' } } });
  });

  it('reads a control plane by either of its names, as kops does', () => {
    const group = (role: string) => ({ apiVersion: 'kops.k8s.io/v1alpha2', kind: 'InstanceGroup', metadata: { name: 'cp' }, spec: { role, minSize: 1 } });
    expect(parseKopsObjects(formatYaml(group('ControlPlane')), 'cp.yaml')).toEqual(parseKopsObjects(formatYaml(group('Master')), 'cp.yaml'));
  });
});

const oracle = join(process.env.KOPS_TS_ORACLE ?? join(import.meta.dirname, '../../../../shared/oracle'), 'kops');
const files = existsSync(oracle) ? ['create', 'update'].flatMap((folder) => readdirSync(join(oracle, folder)).map((name) => join(oracle, folder, name))) : [];

describe.skipIf(files.length === 0)("kops' own files (needs kops' cases: KOPS_TS_ORACLE)", () => {
  it.each(files)('%s is read and written without loss', (folder) => {
    const file = readdirSync(folder).find((name) => name.endsWith('v1alpha2.yaml')) ?? '';
    const text = readFileSync(join(folder, file), 'utf8');
    const objects = parseKopsObjects(text, file);
    const again = parseKopsObjects(objects.map((object) => formatYaml(object)).join('---\n'), file);
    expect(again).toEqual(objects);
    expect(objects.length).toBe(text.split(/^kind:/m).length - 1);
  });
});
