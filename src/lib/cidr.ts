/** IPv4 blocks as numbers. IPv6 is text to us: nothing here computes with it. */
export interface Cidr {
  /** First address as an unsigned 32-bit number, host bits cleared. */
  base: number;
  prefix: number;
}

export function parseIp(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = value * 256 + Number(part);
  }
  return value;
}

export function formatIp(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
}

/** Undefined when it does not parse or has host bits; `maskedCidr` proposes the corrected text. */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^([\d.]+)\/(\d{1,2})$/.exec(text);
  const base = match?.[1] === undefined ? undefined : parseIp(match[1]);
  const prefix = Number(match?.[2]);
  if (base === undefined || prefix > 32) return undefined;
  return masked(base, prefix) === base ? { base, prefix } : undefined;
}

/** The text with its host bits cleared, or undefined when it is no CIDR at all. */
export function maskedCidr(text: string): string | undefined {
  const [ip, bits] = text.split('/');
  const base = parseIp(ip ?? '');
  const prefix = Number(bits);
  if (base === undefined || bits === undefined || !(prefix >= 0 && prefix <= 32)) return undefined;
  return formatCidr({ base: masked(base, prefix), prefix });
}

function masked(base: number, prefix: number): number {
  return prefix === 0 ? 0 : (base & (-1 << (32 - prefix))) >>> 0;
}

export function formatCidr(cidr: Cidr): string {
  return `${formatIp(cidr.base)}/${cidr.prefix}`;
}

export function cidrSize(cidr: Cidr): number {
  return 2 ** (32 - cidr.prefix);
}

export function cidrContainsIp(cidr: Cidr, ip: number): boolean {
  return ip >= cidr.base && ip < cidr.base + cidrSize(cidr);
}

export function cidrContains(outer: Cidr, inner: Cidr): boolean {
  return inner.prefix >= outer.prefix && cidrContainsIp(outer, inner.base);
}

export function cidrsOverlap(a: Cidr, b: Cidr): boolean {
  return cidrContains(a, b) || cidrContains(b, a);
}

/** The `index`-th block of `prefix` bits inside `cidr`. */
export function subCidr(cidr: Cidr, prefix: number, index: number): Cidr {
  return { base: cidr.base + index * 2 ** (32 - prefix), prefix };
}

export function nthIp(cidr: Cidr, index: number): string {
  return formatIp(cidr.base + index);
}
