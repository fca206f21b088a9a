/** Kubernetes' sentence: how many nodes said what. `preemption` is what trying to make room gave. */
export function fitErrorMessage(nodes: number, reasons: Iterable<readonly string[]>, preemption?: string): string {
  if (nodes === 0) return 'no nodes available to schedule pods';
  const counts = new Map<string, number>();
  for (const list of reasons) for (const reason of list) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const parts = [...counts].map(([reason, count]) => `${count} ${reason}`).sort();
  const text = `0/${nodes} nodes are available:${parts.length > 0 ? ` ${parts.join(', ')}.` : ''}`;
  return preemption === undefined ? text : `${text} preemption: ${preemption}`;
}
