/** A block of IPv6 addresses. */
export interface Ipv6Block {
  base: bigint;
  prefix: number;
}

/** Undefined when it is no IPv6 address. Zones (`%eth0`) are none. */
export function parseIpv6(text: string): bigint | undefined {
  const [head = '', tail, ...more] = text.split('::');
  if (more.length > 0 || !text.includes(':')) return undefined;
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  if (!front || !back) return undefined;
  const missing = 8 - front.length - back.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  return [...front, ...Array<number>(missing).fill(0), ...back].reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}

/** Undefined when it does not parse or has host bits. */
export function parseIpv6Block(text: string): Ipv6Block | undefined {
  const [address = '', bits = ''] = text.split('/');
  const base = parseIpv6(address);
  const prefix = /^\d{1,3}$/.test(bits) ? Number(bits) : 129;
  if (base === undefined || prefix > 128) return undefined;
  return base & ((1n << BigInt(128 - prefix)) - 1n) ? undefined : { base, prefix };
}

export function ipv6BlocksOverlap(a: Ipv6Block, b: Ipv6Block): boolean {
  const shift = BigInt(128 - Math.min(a.prefix, b.prefix));
  return a.base >> shift === b.base >> shift;
}

function groups(text: string): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  return parts.every((part) => /^[0-9a-fA-F]{1,4}$/.test(part)) ? parts.map((part) => Number.parseInt(part, 16)) : undefined;
}
