/** `/64#1f` within `2001:db8:0:100::/56` → `2001:db8:0:11f::/64`, in AWS' spelling. The number is hexadecimal. */
export function absoluteBlock(relative: string, network: string): string {
  const number = Number.parseInt(/^\/64#([0-9a-f]+)$/i.exec(relative)?.[1] ?? '', 16);
  const [address = ''] = network.split('/');
  const prefix = groups(address).slice(0, 4);
  // A network's block ends on a byte: the number fills what is left of the first half.
  const bits = 64 - Number(network.split('/')[1] ?? 56);
  const mask = bits >= 16 ? 0xffff : (1 << bits) - 1;
  prefix[3] = ((prefix[3] ?? 0) & ~mask & 0xffff) | (number & mask);
  return `${compressed(prefix)}/64`;
}

function groups(address: string): number[] {
  const [head = '', tail = ''] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const zeros = address.includes('::') ? 8 - left.length - right.length : 0;
  return [...left, ...Array.from({ length: zeros }, () => '0'), ...right].map((group) => Number.parseInt(group, 16));
}

/** The first half of an address whose second half is zero; zeros at its end join those. */
function compressed(half: readonly number[]): string {
  const kept = [...half];
  while (kept.length > 0 && kept[kept.length - 1] === 0) kept.pop();
  return `${kept.map((group) => group.toString(16)).join(':')}::`;
}
