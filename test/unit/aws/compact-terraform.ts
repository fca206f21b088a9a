import { canonicalJson, deepEqual } from '../../../src/lib/json.ts';
import type { TerraformFiles } from '../../../src/plan/terraform/render-terraform.ts';
import type { TerraformResources } from '../../oracle/compare-resources.ts';

type Tags = Record<string, string>;
type Arguments = Record<string, unknown>;

/**
 * A configuration as a person can read it: a line a resource, then the files beside it. `@` is the cluster's name, `%` the same with dashes, `own` the tags that
 * everything of a cluster has. Nothing else is left out.
 */
export function compactTerraform(files: TerraformFiles, clusterName: string): string[] {
  const { resource, locals, data = {} } = JSON.parse(String(files.get('kubernetes.tf.json'))) as { resource: TerraformResources; locals: Arguments; data?: TerraformResources };
  const lines = [
    ...Object.entries(resource).flatMap(([type, named]) => Object.entries(named).map(([name, body]) => `${type} ${name} ${canonicalJson(compact(body, clusterName))}`)),
    ...Object.entries(data).flatMap(([type, named]) => Object.entries(named).map(([name, body]) => `data ${type} ${name} ${canonicalJson(body)}`)),
    ...Object.entries(locals).map(([name, value]) => `local ${name} ${canonicalJson(value)}`),
    ...[...files.keys()].filter((path) => path.startsWith('data/')),
  ];
  const short = (line: string) =>
    line
      .replaceAll(clusterName.replaceAll('.', '-'), '%')
      .replaceAll(clusterName, '@')
      .replace(/"\$\{(.*?)\}"/g, '<$1>');
  return lines.map(short);
}

/** What another configuration has besides (`+`) and has not (`-`). */
export function differenceOf(lines: readonly string[], base: readonly string[]): string[] {
  return [...base.filter((line) => !lines.includes(line)).map((line) => `- ${line}`), ...lines.filter((line) => !base.includes(line)).map((line) => `+ ${line}`)];
}

function compact({ tags, tag, tag_specifications: specifications, ...body }: Arguments, clusterName: string): Arguments {
  return {
    ...body,
    ...(tags === undefined ? {} : { tags: withoutOwn(tags as Tags, clusterName) }),
    ...(tag === undefined ? {} : { tag: withoutOwn(propagated(tag as { key: string; value: string; propagate_at_launch: boolean }[]), clusterName) }),
    ...(specifications === undefined ? {} : { tag_specifications: sameTags(specifications as { resource_type: string; tags: Tags }[], tags as Tags) }),
  };
}

/** Only tags that reach the machines are plain. */
function propagated(tags: readonly { key: string; value: string; propagate_at_launch: boolean }[]): Tags {
  return Object.fromEntries(tags.map(({ key, value, propagate_at_launch }) => [propagate_at_launch ? key : `${key} (not at launch)`, value]));
}

/** Whatever a template makes is tagged as the template is. */
function sameTags(specifications: readonly { resource_type: string; tags: Tags }[], tags: Tags): unknown {
  return specifications.every((one) => deepEqual(one.tags, tags)) ? specifications.map(({ resource_type }) => resource_type) : specifications;
}

function withoutOwn({ Name, KubernetesCluster, ...tags }: Tags, clusterName: string): unknown {
  const ownership = `kubernetes.io/cluster/${clusterName}`;
  const { [ownership]: owner, ...others } = tags;
  if (KubernetesCluster !== clusterName || owner !== 'owned') return { Name, KubernetesCluster, ...tags };
  return Object.keys(others).length === 0 ? `own ${Name}` : { own: Name, ...others };
}
