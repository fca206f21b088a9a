import { cidrContainsIp, cidrSize, formatIp, parseCidr, parseIp } from '../../../lib/cidr.ts';
import { KopsError } from '../../../lib/errors.ts';
import type { Random } from '../../../lib/random.ts';

/** Hands out service addresses. In memory: the owner fills it from the Services that exist. */
export class IpAllocator {
  readonly cidr: string;
  private readonly base: number;
  private readonly size: number;
  private readonly random: Random;
  private readonly taken = new Set<number>();

  constructor(cidr: string, random: Random) {
    const parsed = parseCidr(cidr);
    if (!parsed) throw new KopsError(`the service address range ${cidr} is no CIDR`, { code: 'INVALID_SERVICE_RANGE', exit: 'invalid', object: cidr });
    this.cidr = cidr;
    this.base = parsed.base;
    this.size = cidrSize(parsed);
    this.random = random;
  }

  contains(ip: string): boolean {
    const offset = this.offsetOf(ip);
    return offset !== undefined;
  }

  /** A free address, chosen at random from the upper band as Kubernetes does; undefined when none is left. */
  allocate(): string | undefined {
    const lower = Math.min(Math.max(16, Math.floor(this.size / 16)), 256);
    const first = this.size > lower + 2 ? lower : 1;
    return this.pick(first, this.size - 1) ?? this.pick(1, first);
  }

  /** False when it is taken or outside. */
  allocateSpecific(ip: string): boolean {
    const offset = this.offsetOf(ip);
    if (offset === undefined || this.taken.has(offset)) return false;
    this.taken.add(offset);
    return true;
  }

  release(ip: string): void {
    const offset = this.offsetOf(ip);
    if (offset !== undefined) this.taken.delete(offset);
  }

  private offsetOf(ip: string): number | undefined {
    const value = parseIp(ip);
    if (value === undefined || !cidrContainsIp({ base: this.base, prefix: 32 - Math.log2(this.size) }, value)) return undefined;
    const offset = value - this.base;
    // The network's first and last address are never given to a service.
    return offset === 0 || (offset === this.size - 1 && this.size > 2) ? undefined : offset;
  }

  private pick(from: number, to: number): string | undefined {
    const found = pickFree(from, to, this.taken, this.random);
    return found === undefined ? undefined : formatIp(this.base + found);
  }
}

/** Hands out node ports from a range with both ends in it. */
export class PortAllocator {
  readonly from: number;
  readonly to: number;
  private readonly random: Random;
  private readonly taken = new Set<number>();

  constructor(range: { from: number; to: number }, random: Random) {
    this.from = range.from;
    this.to = range.to;
    this.random = random;
  }

  contains(port: number): boolean {
    return port >= this.from && port <= this.to;
  }

  allocate(): number | undefined {
    return pickFree(this.from, this.to + 1, this.taken, this.random);
  }

  allocateSpecific(port: number): boolean {
    if (!this.contains(port) || this.taken.has(port)) return false;
    this.taken.add(port);
    return true;
  }

  release(port: number): void {
    this.taken.delete(port);
  }
}

/** A random start, then the next free one, so that a full range still ends; takes it. */
function pickFree(from: number, to: number, taken: Set<number>, random: Random): number | undefined {
  const count = to - from;
  if (count <= 0) return undefined;
  const start = random.integer(count);
  for (let step = 0; step < count; step++) {
    const candidate = from + ((start + step) % count);
    if (taken.has(candidate)) continue;
    taken.add(candidate);
    return candidate;
  }
  return undefined;
}
