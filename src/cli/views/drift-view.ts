import { plural } from '../../lib/text.ts';
import type { Difference, Drift, DriftOwner } from '../../operations/drift.ts';
import { formatValue, isLongValue } from '../../plan/render-plan.ts';
import { formatJson } from './objects.ts';

const headings: Readonly<Record<DriftOwner, string>> = {
  spec: 'Changed in the spec since the last update',
  cloud: 'Changed in the cloud, not by kops-ts',
  both: 'Changed in the spec and in the cloud',
  unknown: 'Different, and no update of kops-ts is on record that could tell why',
};

const signs: Readonly<Record<Difference['type'], string>> = { missing: '+', superfluous: '-', different: '~' };
const notes: Readonly<Record<Difference['type'], string>> = { missing: ' (not in the cloud)', superfluous: ' (in no spec)', different: '' };

/** For people: grouped by whose doing it is. */
export function renderDrift({ cluster, appliedAt, differences, findings }: Drift): string {
  const since = appliedAt === undefined ? 'no update on record' : `last update ${appliedAt}`;
  const foreign = findings.length === 0 ? '' : `Not ours to change:\n${findings.map(({ message }) => `  ${message}\n`).join('')}\n`;
  if (differences.length === 0) return `${foreign}No drift: the cloud is as the spec of ${cluster} says (${since}).\n`;
  const sections = (['spec', 'cloud', 'both', 'unknown'] as const).flatMap((owner) => {
    const mine = differences.filter((difference) => difference.owner === owner);
    return mine.length === 0 ? [] : [`${headings[owner]}:\n${mine.map(renderDifference).join('')}`];
  });
  const next = differences.some(({ type }) => type === 'superfluous') ? ' --prune' : '';
  return `${foreign}${sections.join('\n')}\n${plural(differences.length, 'difference')} (${since}). To make the cloud as the spec says: kops-ts update cluster ${cluster}${next} --yes\n`;
}

function renderDifference(difference: Difference): string {
  const { kind, name, type, fields } = difference;
  const rows = fields.map(({ field, owner, spec, applied, cloud }) => {
    if ([spec, applied, cloud].some(isLongValue)) return `      ${field.padEnd(20)} (changed)\n`;
    const before = owner === 'both' ? `, last applied ${formatValue(applied)}` : '';
    return `      ${field.padEnd(20)} spec ${formatValue(spec)}, cloud ${formatValue(cloud)}${before}\n`;
  });
  return `  ${signs[type]} ${kind}/${name}${notes[type]}\n${rows.join('')}`;
}

/** For programs: kops-ts/drift/v1. */
export function driftText({ cluster, appliedAt, differences, findings }: Drift): string {
  return formatJson({ apiVersion: 'kops-ts/drift/v1', cluster, appliedAt: appliedAt ?? null, inSync: differences.length === 0, differences, findings });
}
