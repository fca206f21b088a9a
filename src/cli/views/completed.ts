import { formatYaml } from '../../lib/yaml.ts';
import type { CompletedCluster, Provenance } from '../../spec/types.ts';
import { formatJson } from './objects.ts';

/** Completed specs. JSON has `provenance` beside them; YAML says after the documents what did not come from the user. */
export function formatCompleted(completed: readonly CompletedCluster[], output: 'json' | 'yaml', single: boolean): string {
  if (output === 'json') return formatJson(single ? completed[0] : completed);
  return completed.map(completedYaml).join('---\n');
}

function completedYaml({ cluster, instanceGroups, provenance }: CompletedCluster): string {
  const documents = [formatYaml(cluster, { sortKeys: true }) + comments(provenance.cluster)];
  for (const group of instanceGroups) documents.push(formatYaml(group, { sortKeys: true }) + comments(provenance.instanceGroups[group.metadata.name] ?? {}));
  return documents.join('---\n');
}

function comments(provenance: Provenance): string {
  const filled = Object.entries(provenance).filter(([, source]) => source !== 'user');
  return filled.map(([path, source]) => `# ${path}: ${source}\n`).join('');
}
