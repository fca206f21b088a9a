import type { Container, KubeObject, LabelSelector } from '../../../kube/objects.ts';
import { parseTime } from '../../../lib/clock.ts';
import { humanDuration } from '../../../lib/text.ts';

export type Cell = string | number | boolean;

export function age(object: KubeObject, now: number): string {
  return timeSince(object.metadata.creationTimestamp, now);
}

export function timeSince(time: string | null | undefined, now: number): string {
  return time ? humanDuration(now - parseTime(time)) : '<unknown>';
}

export function orNone(text: string | undefined): string {
  return text || '<none>';
}

/** `a=b,c in (d,e),!f`; `<none>` when it selects nothing. */
export function selectorText(selector: LabelSelector | undefined): string {
  if (!selector) return '<none>';
  const parts = Object.entries(selector.matchLabels ?? {}).map(([key, value]): [string, string] => [key, `${key}=${value}`]);
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    const text = operator === 'Exists' ? key : operator === 'DoesNotExist' ? `!${key}` : `${key} ${operator === 'In' ? 'in' : 'notin'} (${[...values].sort().join(',')})`;
    parts.push([key, text]);
  }
  return (
    parts
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, text]) => text)
      .join(',') || '<none>'
  );
}

/** `a=b,c=d`; `<none>` when empty. */
export function labelText(labels: Record<string, string> | undefined): string {
  return selectorText({ matchLabels: labels ?? {} });
}

export function containerNames(containers: readonly Container[] | undefined): string {
  return (containers ?? []).map(({ name }) => name).join(',');
}

export function containerImages(containers: readonly Container[] | undefined): string {
  return (containers ?? []).map(({ image }) => image ?? '').join(',');
}
