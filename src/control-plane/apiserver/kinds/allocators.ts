import { cidrContainsIp, cidrSize, formatIp, parseCidr, parseIp } from '../../../lib/cidr.ts';
import { KopsError } from '../../../lib/errors.ts';
import type { Random } from '../../../lib/random.ts';

/** Numbers that nobody else gets: reserved for a write that is under way, or held by an object that exists. */
class Taken {
  private readonly reserved = new Set<number>();
  private readonly held = new Set<number>();

  has(number: number): boolean {
    return this.reserved.has(number) || this.held.has(number);
  }

  /** False when it is taken. */
  reserve(number: number): boolean {
    if (this.has(number)) return false;
    this.reserved.add(number);
    return true;
  }

  release(number: number): void {
    this.reserved.delete(number);
  }

  hold(number: number): void {
    this.held.add(number);
  }

  drop(number: number): void {
    this.held.delete(number);
  }
}

/**
 * Hands out service addresses: each is reserved until it is released. What Services hold, its owner says as they come and go. Other
 * processes may hand out the same one at the same time: a claim in the store decides who has it.
 */
export class IpAllocator {
  readonly cidr: string;
  private readonly base: number;
  private readonly size: number;
  private readonly random: Random;
  private readonly taken = new Taken();

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
    return offset !== undefined && this.taken.reserve(offset);
  }

  release(ip: string): void {
    const offset = this.offsetOf(ip);
    if (offset !== undefined) this.taken.release(offset);
  }

  hold(ip: string): void {
    const offset = this.offsetOf(ip);
    if (offset !== undefined) this.taken.hold(offset);
  }

  drop(ip: string): void {
    const offset = this.offsetOf(ip);
    if (offset !== undefined) this.taken.drop(offset);
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

/** Hands out node ports from a range with both ends in it, as IpAllocator does addresses. */
export class PortAllocator {
  readonly from: number;
  readonly to: number;
  private readonly random: Random;
  private readonly taken = new Taken();

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
    return this.contains(port) && this.taken.reserve(port);
  }

  release(port: number): void {
    this.taken.release(port);
  }

  hold(port: number): void {
    this.taken.hold(port);
  }

  drop(port: number): void {
    this.taken.drop(port);
  }
}

/** A random start, then the next free one, so that a full range still ends; reserves it. */
function pickFree(from: number, to: number, taken: Taken, random: Random): number | undefined {
  const count = to - from;
  if (count <= 0) return undefined;
  const start = random.integer(count);
  for (let step = 0; step < count; step++) {
    const candidate = from + ((start + step) % count);
    if (taken.reserve(candidate)) return candidate;
  }
  return undefined;
}
