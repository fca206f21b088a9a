import type { Findings } from '../../src/spec/findings.ts';
import { templateTag } from './model/group-tags.ts';

const longestKey = 128;
const longestValue = 256;
/** EC2 takes more; IAM, load balancers, queues and rules do not. */
const characters = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

type Labels = Readonly<Record<string, string>> | undefined;

/** Labels that become tags as they are: `spec.cloudLabels`. */
export function checkCloudLabels(labels: Labels, findings: Findings): void {
  checkTags(labels, 'spec.cloudLabels', '', findings);
}

/** Labels of nodes are tags of their groups, too, so that an autoscaler knows them before there is a node. */
export function checkNodeLabels(labels: Labels, path: string, findings: Findings): void {
  checkTags(labels, path, `${templateTag}/label/`, findings);
}

function checkTags(labels: Labels, path: string, prefix: string, findings: Findings): void {
  for (const [label, value] of Object.entries(labels ?? {})) {
    const [problem, hint] = tagProblem(`${prefix}${label}`, String(value)) ?? [];
    if (problem !== undefined) findings.error(`${path}[${JSON.stringify(label)}]`, problem, hint);
  }
}

function tagProblem(key: string, value: string): [problem: string, hint?: string] | undefined {
  if (/^aws:/i.test(key)) return ['AWS keeps tags that begin with aws: for itself'];
  if (key.length > longestKey) return [`the tag ${key} has ${key.length} characters`, `AWS takes ${longestKey}`];
  if (value.length > longestValue) return [`has a value of ${value.length} characters`, `AWS takes ${longestValue}`];
  if (!characters.test(key) || !characters.test(value)) return ['has characters that no tag of AWS may have', 'letters, digits, spaces and _ . : / = + - @'];
  return undefined;
}
