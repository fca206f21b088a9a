import { KopsError } from '../lib/errors.ts';
import { plural } from '../lib/text.ts';
import type { Finding } from './types.ts';

/** A spec that cannot be used: carries every finding, not the first. */
export class SpecError extends KopsError {
  readonly findings: readonly Finding[];

  constructor(findings: readonly Finding[], suggestions: string[] = []) {
    const errors = findings.filter((finding) => finding.severity === 'error');
    const objects = [...new Set(errors.map((finding) => finding.object))];
    super(`${plural(errors.length, 'problem')} in ${objects.join(', ')}\n${errors.map((finding) => `  ${formatFinding(finding)}`).join('\n')}`, {
      code: 'SPEC_INVALID',
      exit: 'invalid',
      ...(objects[0] === undefined ? {} : { object: objects[0] }),
      suggestions,
    });
    this.name = 'SpecError';
    this.findings = findings;
  }
}

export function formatFinding(finding: Finding): string {
  return `${finding.object} ${finding.path}: ${finding.message}${finding.hint === undefined ? '' : ` (${finding.hint})`}`;
}

/** Throws when a finding is an error; gives back the warnings. */
export function requireValid(findings: readonly Finding[]): Finding[] {
  if (findings.some((finding) => finding.severity === 'error')) throw new SpecError(findings);
  return [...findings];
}

/** Collects findings about one object. */
export class Findings {
  readonly list: Finding[] = [];
  private readonly object: string;

  constructor(object: string) {
    this.object = object;
  }

  error(path: string, message: string, hint?: string): void {
    this.add('error', path, message, hint);
  }

  warning(path: string, message: string, hint?: string): void {
    this.add('warning', path, message, hint);
  }

  private add(severity: Finding['severity'], path: string, message: string, hint: string | undefined): void {
    this.list.push({ severity, object: this.object, path, message, ...(hint === undefined ? {} : { hint }) });
  }
}
