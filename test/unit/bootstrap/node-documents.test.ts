import { describe, expect, it } from 'vitest';
import type { NodeConfig } from '../../../src/bootstrap/node-config.ts';
import { nodeDocuments } from '../../../src/bootstrap/node-documents.ts';
import { parseYaml } from '../../../src/lib/yaml.ts';
import type { CompletedCluster, EtcdClusterSpec } from '../../../src/spec/types.ts';

const names = ['kubernetes-ca', 'service-account', 'etcd-peers-ca-main', 'etcd-clients-ca'];

/** What a control plane of a cluster with this etcd reads at boot. */
function documentsOf(members: string[], main: Partial<EtcdClusterSpec> = {}, etcdMirror?: string) {
  const etcdClusters = ['events', 'main'].map((name) => ({
    name,
    ...(name === 'main' ? main : {}),
    etcdMembers: members.map((member) => ({ name: member, instanceGroup: 'cp' })),
  }));
  const completed: CompletedCluster = {
    cluster: { apiVersion: 'kops.k8s.io/v1alpha2', kind: 'Cluster', metadata: { name: 'demo.example.com' }, spec: { kubernetesVersion: '1.34.0', etcdClusters } },
    instanceGroups: [{ apiVersion: 'kops.k8s.io/v1alpha2', kind: 'InstanceGroup', metadata: { name: 'cp' }, spec: { role: 'Master' } }],
    provenance: { cluster: {}, instanceGroups: {} },
  };
  const keysets = Object.fromEntries(names.map((name) => [name, `keys of ${name}`]));
  const several = members.length > 1;
  const { documents } = nodeDocuments({
    completed,
    provider: 'test',
    keysets,
    certificateAuthority: '',
    store: several ? 'etcd' : 'wal',
    storeMembers: members.length,
    ...(etcdMirror === undefined ? {} : { etcdMirror }),
  });
  const config = parseYaml(documents.find(({ path }) => path.startsWith('igconfig/'))?.content ?? '', 'document') as NodeConfig;
  return { keysets: documents.flatMap(({ path, content }) => (path.startsWith('pki/') ? [content] : [])), controlPlane: config.controlPlane };
}

describe('the node document of a control plane', () => {
  it('of one member names no etcd, and no keys for it', () => {
    const { keysets, controlPlane } = documentsOf(['a']);
    expect(controlPlane).toMatchObject({ store: 'wal', keysets: ['kubernetes-ca', 'service-account'] });
    expect(controlPlane?.etcd).toBeUndefined();
    expect(keysets).toEqual(['keys of kubernetes-ca', 'keys of service-account']);
  });

  it('of several names all members, their release with its checksums, and brings the keys of etcd', () => {
    const { keysets, controlPlane } = documentsOf(['c', 'a', 'b']);
    expect(keysets).toEqual(names.map((name) => `keys of ${name}`));
    expect(controlPlane).toMatchObject({ store: 'etcd', storeMembers: 3, keysets: names, etcd: { members: ['a', 'b', 'c'], version: '3.5.27', discoveryMs: 10_000 } });
    const { amd64, arm64 } = controlPlane?.etcd?.archives ?? {};
    expect(amd64?.url).toBe('https://github.com/etcd-io/etcd/releases/download/v3.5.27/etcd-v3.5.27-linux-amd64.tar.gz');
    expect(arm64?.url).toBe('https://github.com/etcd-io/etcd/releases/download/v3.5.27/etcd-v3.5.27-linux-arm64.tar.gz');
    expect([amd64?.sha256, arm64?.sha256]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), expect.stringMatching(/^[0-9a-f]{64}$/)]);
  });

  it('follows the spec and the mirror', () => {
    const main = { version: 'v3.5.21', heartbeatInterval: '200ms', leaderElectionTimeout: '2s', manager: { discoveryPollInterval: '1m' } };
    const { etcd } = documentsOf(['a', 'b', 'c'], main, 's3://mirror/etcd').controlPlane ?? {};
    expect(etcd).toMatchObject({ version: '3.5.21', heartbeatMs: 200, electionMs: 2_000, discoveryMs: 60_000 });
    expect(etcd?.archives?.amd64.url).toBe('s3://mirror/etcd/v3.5.21/etcd-v3.5.21-linux-amd64.tar.gz');
  });

  it('has no release where no checksum of it is known', () => {
    expect(documentsOf(['a', 'b', 'c'], { version: '3.4.3' }).controlPlane?.etcd).toMatchObject({ version: '3.4.3' });
    expect(documentsOf(['a', 'b', 'c'], { version: '3.4.3' }).controlPlane?.etcd?.archives).toBeUndefined();
  });
});
