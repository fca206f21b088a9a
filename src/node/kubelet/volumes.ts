import type { KubeClient } from '../../kube/client.ts';
import type { ConfigMap, KubeObject, Pod, Secret } from '../../kube/objects.ts';
import { resourceTypes } from '../../kube/resource-types.ts';
import { isStatus } from '../../kube/status.ts';
import type { Clock } from '../../lib/clock.ts';
import { parseTime } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import { fieldValue, type PodAddresses, resourceValue } from './field-path.ts';
import type { NodeIdentity } from './node-identity.ts';
import type { ObjectReader } from './object-reader.ts';

export type VolumeFiles = Map<string, Uint8Array>;

export interface VolumeSources {
  client: KubeClient;
  clock: Clock;
  objects: ObjectReader;
  node: NodeIdentity;
  addresses: PodAddresses;
}

/** A volume that cannot be mounted (yet); the message is that of the `FailedMount` event. */
export class MountError extends Error {}

interface KeyToPath {
  key: string;
  path: string;
}
interface DataSource {
  name?: string;
  secretName?: string;
  items?: KeyToPath[];
  optional?: boolean;
}
interface DownwardItem {
  path: string;
  fieldRef?: { fieldPath: string };
  resourceFieldRef?: { containerName?: string; resource: string; divisor?: string };
}
interface ProjectedSource {
  configMap?: DataSource;
  secret?: DataSource;
  downwardAPI?: { items?: DownwardItem[] };
  serviceAccountToken?: { path: string; audience?: string; expirationSeconds?: number };
}
interface Volume {
  name: string;
  emptyDir?: object;
  configMap?: DataSource;
  secret?: DataSource;
  downwardAPI?: { items?: DownwardItem[] };
  projected?: { sources?: ProjectedSource[] };
  [type: string]: unknown;
}

// Kubernetes' kubelet looks at the mounted config maps and secrets of each pod again about once a minute.
const dataRefreshMs = 60_000;

/** The volumes of one pod: filled before its containers start, kept up to date in place afterwards (all containers share the maps). */
export class PodVolumes {
  readonly files = new Map<string, VolumeFiles>();
  /** When the content should be looked at again; undefined: never. */
  refreshAtMs: number | undefined;

  /** Throws MountError for the first volume that cannot be had. */
  async fill(pod: Pod, sources: VolumeSources): Promise<void> {
    this.refreshAtMs = undefined;
    for (const volume of (pod.spec.volumes ?? []) as Volume[]) {
      if (volume.emptyDir) {
        if (!this.files.has(volume.name)) this.files.set(volume.name, new Map());
        continue;
      }
      const content = await this.content(pod, volume, sources).catch((error: unknown) => {
        throw new MountError(`MountVolume.SetUp failed for volume "${volume.name}" : ${messageOf(error)}`);
      });
      this.replace(volume.name, content);
    }
  }

  private replace(name: string, content: VolumeFiles): void {
    const files = this.files.get(name) ?? new Map<string, Uint8Array>();
    for (const path of files.keys()) if (!content.has(path)) files.delete(path);
    for (const [path, bytes] of content) files.set(path, bytes);
    this.files.set(name, files);
  }

  private async content(pod: Pod, volume: Volume, sources: VolumeSources): Promise<VolumeFiles> {
    if (volume.configMap || volume.secret || volume.downwardAPI) this.refreshBy(sources.clock.now() + dataRefreshMs);
    if (volume.projected) {
      const parts = await Promise.all((volume.projected.sources ?? []).map((source) => this.projected(pod, source, sources)));
      return new Map(parts.flatMap((part) => [...part]));
    }
    if (volume.configMap || volume.secret || volume.downwardAPI) return this.projected(pod, volume, sources);
    const type = Object.keys(volume).find((key) => key !== 'name') ?? 'emptyDir';
    throw new Error(`volumes of type ${type} are not supported by the simulated runtime: use emptyDir, configMap, secret, downwardAPI or projected`);
  }

  private async projected(pod: Pod, source: ProjectedSource, sources: VolumeSources): Promise<VolumeFiles> {
    const namespace = pod.metadata.namespace ?? '';
    if (source.serviceAccountToken) return this.token(pod, source.serviceAccountToken, sources);
    if (source.downwardAPI) return downwardFiles(pod, source.downwardAPI.items ?? [], sources);
    if (source.configMap) {
      const name = source.configMap.name ?? '';
      return dataFiles('configmap', `${namespace}/${name}`, source.configMap, async () => configMapData(await sources.objects.configMap(namespace, name)));
    }
    const secret = source.secret ?? {};
    const name = secret.secretName ?? secret.name ?? '';
    return dataFiles('secret', `${namespace}/${name}`, secret, async () => secretData(await sources.objects.secret(namespace, name)));
  }

  private async token(pod: Pod, source: { path: string; audience?: string; expirationSeconds?: number }, { client, clock }: VolumeSources): Promise<VolumeFiles> {
    const request: KubeObject = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: { name: pod.spec.serviceAccountName ?? 'default', namespace: pod.metadata.namespace ?? '' },
      spec: {
        audiences: source.audience ? [source.audience] : [],
        expirationSeconds: source.expirationSeconds ?? 3600,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name, uid: pod.metadata.uid },
      },
    };
    const answer = await client.create(resourceTypes.serviceAccounts, request, { subresource: 'token', name: request.metadata.name });
    const { token, expirationTimestamp } = answer.status as { token: string; expirationTimestamp: string };
    // As the kubelet does: renewed when 80 % of its life is over.
    this.refreshBy(clock.now() + (parseTime(expirationTimestamp) - clock.now()) * 0.8);
    return new Map([[source.path, Buffer.from(token)]]);
  }

  private refreshBy(atMs: number): void {
    this.refreshAtMs = Math.min(this.refreshAtMs ?? atMs, atMs);
  }
}

function downwardFiles(pod: Pod, items: DownwardItem[], sources: VolumeSources): VolumeFiles {
  return new Map(
    items.map((item) => {
      const container = pod.spec.containers.find(({ name }) => name === item.resourceFieldRef?.containerName);
      const reference = item.resourceFieldRef;
      const text =
        reference && container ? resourceValue(container, reference.resource, reference.divisor, sources.node) : fieldValue(pod, item.fieldRef?.fieldPath ?? '', sources.addresses);
      return [item.path, Buffer.from(text ?? '')];
    }),
  );
}

async function dataFiles(kind: string, label: string, source: DataSource, read: () => Promise<VolumeFiles>): Promise<VolumeFiles> {
  let data: VolumeFiles;
  try {
    data = await read();
  } catch (error) {
    if (!isStatus(error, 'NotFound')) throw error;
    if (source.optional) return new Map();
    throw new Error(`${kind} "${label.split('/')[1]}" not found`);
  }
  if (!source.items) return data;
  const files: VolumeFiles = new Map();
  for (const { key, path } of source.items) {
    const bytes = data.get(key);
    if (bytes) files.set(path, bytes);
    else if (!source.optional) throw new Error(`references non-existent ${kind === 'secret' ? 'secret' : 'config'} key: ${key}`);
  }
  return files;
}

function configMapData(map: ConfigMap): VolumeFiles {
  const text = Object.entries(map.data ?? {}).map(([key, value]) => [key, Buffer.from(value)] as const);
  return new Map([...text, ...base64Entries(map.binaryData)]);
}

function secretData(secret: Secret): VolumeFiles {
  return new Map(base64Entries(secret.data));
}

function base64Entries(data: Record<string, string> | undefined): (readonly [string, Uint8Array])[] {
  return Object.entries(data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64')] as const);
}
