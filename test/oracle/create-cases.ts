import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../src/lib/errors.ts';
import { parseYaml, parseYamlDocuments } from '../../src/lib/yaml.ts';
import type { KopsObject } from '../../src/spec/types.ts';
import { differences } from './compare.ts';
import { createClusterByFlags } from './create-cluster-by-flags.ts';
import { type OracleFacts, toFacts } from './facts.ts';
import { optionsToFlags } from './options-to-flags.ts';

export interface CaseResult {
  name: string;
  differences: string[];
}

/** Runs every case under `DIR/create`. Empty when there is none. */
export async function runCreateCases(folder: string): Promise<CaseResult[]> {
  const cases = join(folder, 'create');
  if (!existsSync(cases)) return [];
  const file = join(folder, 'facts.json');
  const facts = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as OracleFacts) : {};
  const names = readdirSync(cases, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  const results: CaseResult[] = [];
  for (const name of names.sort()) results.push({ name, differences: await runCase(join(cases, name), facts) });
  return results;
}

async function runCase(folder: string, facts: OracleFacts): Promise<string[]> {
  try {
    const options = parseYaml(readFileSync(join(folder, 'options.yaml'), 'utf8'), 'options.yaml') as Record<string, unknown>;
    const expected = parseYamlDocuments(readFileSync(join(folder, 'expected-v1alpha2.yaml'), 'utf8'), 'expected-v1alpha2.yaml') as KopsObject[];
    const { flags, unknown } = optionsToFlags(options);
    const made = await createClusterByFlags(String(options.ClusterName), [...flags, '--subnet-layout=kops'], toFacts(facts, 'create'));
    return [...unknown.map((option) => `options.yaml ${option}: has no flag`), ...differences(made, expected)];
  } catch (error) {
    return [messageOf(error)];
  }
}
