import { randomBytes } from 'node:crypto';

/** Chance as a parameter. Seeded in simulations, the system's own source elsewhere. */
export interface Random {
  bytes(length: number): Uint8Array;
  /** In [0, 1). */
  next(): number;
  /** In [0, bound). */
  integer(bound: number): number;
}

abstract class BaseRandom implements Random {
  abstract next(): number;
  abstract bytes(length: number): Uint8Array;
  integer(bound: number): number {
    return Math.floor(this.next() * bound);
  }
}

class SystemRandom extends BaseRandom {
  next(): number {
    return randomBytes(6).readUIntBE(0, 6) / 2 ** 48;
  }
  bytes(length: number): Uint8Array {
    return randomBytes(length);
  }
}

export const systemRandom: Random = new SystemRandom();

/** mulberry32: small, fast, the same sequence on every platform. Not for secrets. */
export class SeededRandom extends BaseRandom {
  private state: number;

  constructor(seed: number) {
    super();
    this.state = seed >>> 0;
  }

  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.integer(256));
  }
}

export function hex(random: Random, digits: number): string {
  return Buffer.from(random.bytes(Math.ceil(digits / 2)))
    .toString('hex')
    .slice(0, digits);
}

export function uuid(random: Random): string {
  const bytes = Buffer.from(random.bytes(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const text = bytes.toString('hex');
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-');
}

/** Kubernetes' suffix alphabet: no vowels and no look-alikes, so that no word appears in a name. */
const suffixAlphabet = 'bcdfghjklmnpqrstvwxz2456789';

export function nameSuffix(random: Random, length = 5): string {
  return Array.from({ length }, () => suffixAlphabet[random.integer(suffixAlphabet.length)]).join('');
}
