import type { NodeDocument, NodeSoftware } from '../../cloud/provider.ts';
import type { Cluster } from '../../spec/types.ts';
import { etcdSite } from '../etcd-release.ts';
import { archiveName, type PackedSoftware } from './pack.ts';

export interface PublishedSoftware {
  software: NodeSoftware;
  /** What has to be published for it: nothing when instances fetch it elsewhere. */
  documents: NodeDocument[];
}

/**
 * Where instances find kops-ts: below the cluster's own folder, or below KOPS_TS_BASE_URL, where somebody keeps the same archive under its name.
 * Node.js comes from KOPS_TS_NODE_MIRROR, from `dist` in the cluster's file repository, or from its own site; etcd likewise. The paths in a file
 * repository are those of the sites, as in kops. Pure.
 */
export function publishedSoftware(packed: PackedSoftware, { spec }: Cluster, variables: Readonly<Record<string, string | undefined>>): PublishedSoftware {
  const { version, sha256 } = packed;
  const { fileRepository } = (spec.assets ?? {}) as { fileRepository?: string };
  const mirrorOf = (variable: string | undefined, path: string) => variable || (fileRepository && `${trimmed(fileRepository)}${path}`);
  const nodeMirror = mirrorOf(variables.KOPS_TS_NODE_MIRROR, '/dist');
  const etcdMirror = mirrorOf(variables.KOPS_TS_ETCD_MIRROR, new URL(etcdSite).pathname);
  const common = { version, sha256, ...(nodeMirror ? { nodeMirror: trimmed(nodeMirror) } : {}), ...(etcdMirror ? { etcdMirror: trimmed(etcdMirror) } : {}) };
  const elsewhere = variables.KOPS_TS_BASE_URL;
  if (elsewhere) return { software: { ...common, url: `${trimmed(elsewhere)}/${archiveName(packed)}` }, documents: [] };
  const path = `kops-ts/${version}/${archiveName(packed)}`;
  const content = Buffer.from(packed.archive).toString('base64');
  return {
    software: { ...common, url: `${trimmed(spec.configBase ?? '')}/${path}` },
    documents: [{ path, content, base64: true, roles: ['ControlPlane', 'Node'], secret: false }],
  };
}

function trimmed(url: string): string {
  return url.replace(/\/+$/, '');
}
