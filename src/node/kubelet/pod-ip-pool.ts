import { cidrSize, nthIp, parseCidr } from '../../lib/cidr.ts';
import { KopsError } from '../../lib/errors.ts';

/** Addresses of a node's pods, handed out in turn: one that was given back is the last to be used again, so that late clients of a dead pod meet nobody. */
export class PodIpPool {
  private readonly cidr: { base: number; prefix: number };
  private readonly used = new Set<string>();
  private next = 0;

  constructor(podCIDR: string) {
    const cidr = parseCidr(podCIDR);
    if (!cidr) throw new KopsError(`${podCIDR} is not an IPv4 address block`, { code: 'INVALID_CIDR', exit: 'invalid', object: podCIDR });
    this.cidr = cidr;
  }

  /** Undefined: none is left. The network, the bridge and the broadcast address are never handed out. */
  allocate(): string | undefined {
    const hosts = cidrSize(this.cidr) - 3;
    for (let tried = 0; tried < hosts; tried++) {
      const ip = nthIp(this.cidr, 2 + (this.next++ % hosts));
      if (this.used.has(ip)) continue;
      this.used.add(ip);
      return ip;
    }
    return undefined;
  }

  release(ip: string): void {
    this.used.delete(ip);
  }
}
