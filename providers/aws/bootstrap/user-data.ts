import { gzipSync } from 'node:zlib';
import type { ModelInput } from '../../../src/cloud/provider.ts';
import { KopsError } from '../../../src/lib/errors.ts';
import type { Cluster, InstanceGroup } from '../../../src/spec/types.ts';
import { type InstallScript, installScript } from './install-script.ts';
import { multipart, type UserDataPart } from './multipart.ts';

/** What EC2 takes, before its base64 form. */
const maximumBytes = 16_384;

/**
 * The user data of each instance group that has any, by its name: a script, with the group's `additionalUserData` a multipart message, as cloud-init
 * takes them. Bastions get only what their group adds. Throws USER_DATA_TOO_LARGE. Pure.
 */
export function awsUserData(input: Pick<ModelInput, 'completed' | 'userData' | 'software'>): Record<string, string> {
  const { cluster, instanceGroups } = input.completed;
  const texts = instanceGroups.flatMap((group): [string, string][] => {
    const { name } = group.metadata;
    const script = bootScript(cluster, group, input.userData[name], input.software);
    const parts = [...(script === undefined ? [] : [{ name: 'nodeup.sh', type: 'text/x-shellscript', content: script }]), ...additionalParts(group)];
    const text = parts.length === 1 && script !== undefined ? script : parts.length > 0 ? multipart(parts) : undefined;
    return text === undefined ? [] : [[name, checkSize(text, group)]];
  });
  return Object.fromEntries(texts);
}

/** A machine whose image has everything needs the boot config only. */
function bootScript(cluster: Cluster, group: InstanceGroup, bootConfig: string | undefined, software: ModelInput['software']): string | undefined {
  if (bootConfig === undefined || software === undefined) return bootConfig;
  const proxy = egressProxy(cluster);
  const script = installScript({ clusterName: cluster.metadata.name, instanceGroup: group.metadata.name, bootConfig, software, ...(proxy ? { proxy } : {}) });
  return group.spec.compressUserData === true ? selfExtracting(script) : script;
}

/** Still a text, as launch templates and Terraform hold it. */
function selfExtracting(script: string): string {
  const packed = gzipSync(script, { level: 9 }).toString('base64');
  return `#!/bin/bash\nset -o errexit -o pipefail\nbase64 -d <<'END_OF_SCRIPT' | gzip -d | bash\n${packed}\nEND_OF_SCRIPT\n`;
}

function additionalParts({ spec }: InstanceGroup): UserDataPart[] {
  const parts = (spec.additionalUserData ?? []) as { name?: string; type?: string; content?: string }[];
  return parts.map(({ name = '', type = '', content = '' }) => ({ name, type, content }));
}

/** What no proxy is for: the machine itself, its metadata, the cluster's own addresses, and what the spec excludes. */
function egressProxy({ metadata, spec }: Cluster): InstallScript['proxy'] {
  const { httpProxy, excludes } = (spec.egressProxy ?? {}) as { httpProxy?: { host?: string; port?: number }; excludes?: string };
  if (!httpProxy?.host) return undefined;
  const own = ['127.0.0.1', 'localhost', '169.254.169.254', `.${metadata.name}`, spec.networkCIDR, spec.nonMasqueradeCIDR, ...(excludes ?? '').split(',')];
  const words = own.map((word) => word?.trim()).filter((word) => word);
  return { url: `http://${httpProxy.host}${httpProxy.port ? `:${httpProxy.port}` : ''}`, excludes: [...new Set(words)].join(',') };
}

function checkSize(text: string, group: InstanceGroup): string {
  const bytes = Buffer.byteLength(text);
  if (bytes <= maximumBytes) return text;
  const { name } = group.metadata;
  throw new KopsError(`the user data of instance group ${name} has ${bytes} bytes, EC2 takes ${maximumBytes}`, {
    code: 'USER_DATA_TOO_LARGE',
    exit: 'invalid',
    object: name,
    expected: `at most ${maximumBytes} bytes`,
    suggestions: [
      ...(group.spec.compressUserData === true ? [] : [`Compress it: kops-ts edit ig ${name} --set spec.compressUserData=true`]),
      'Put less into additionalUserData: let it fetch what is long.',
    ],
  });
}
