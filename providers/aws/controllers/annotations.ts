import { CloudError } from '../../../src/cloud/errors.ts';
import { objectKey, type Service } from '../../../src/kube/objects.ts';
import { nearest } from '../../../src/lib/text.ts';

const prefix = 'service.beta.kubernetes.io/aws-load-balancer-';

const understood = [
  'access-log-emit-interval,access-log-enabled,access-log-s3-bucket-name,access-log-s3-bucket-prefix,additional-resource-tags,alpn-policy,attributes,backend-protocol',
  'connection-draining-enabled,connection-draining-timeout,cross-zone-load-balancing-enabled,eip-allocations,extra-security-groups',
  'healthcheck-healthy-threshold,healthcheck-interval,healthcheck-path,healthcheck-port,healthcheck-protocol,healthcheck-success-codes,healthcheck-timeout',
  'healthcheck-unhealthy-threshold,internal,ip-address-type,nlb-target-type,private-ipv4-addresses,proxy-protocol,scheme,security-groups,ssl-cert,ssl-negotiation-policy',
  'ssl-ports,subnets,target-group-attributes,target-node-labels,type',
].flatMap((line) => line.split(','));

/** What network load balancers do not have, or what is decided elsewhere. */
const refused: Readonly<Record<string, string>> = {
  'connection-idle-timeout': 'only classic load balancers have it; set tcp.idle_timeout.seconds on the listener by hand',
  'manage-backend-security-group-rules': 'the rules from the load balancer to the nodes are always kept',
  name: "the name is made from the Service's uid",
  'security-group-prefix-lists': 'use loadBalancerSourceRanges, or security groups of your own',
};

/** A Service's wishes for its AWS load balancer, read one by one; what cannot be understood is refused by name. */
export class ServiceAnnotations {
  readonly #service: Service;
  readonly #values: Readonly<Record<string, string>>;

  constructor(service: Service) {
    this.#service = service;
    this.#values = service.metadata.annotations ?? {};
    for (const key of Object.keys(this.#values)) if (key.startsWith(prefix)) this.#known(key.slice(prefix.length));
  }

  /** Throws for the Service as a whole. */
  refuse(why: string): never {
    const object = objectKey(this.#service);
    throw new CloudError('invalid', 'ensureLoadBalancer', `service ${object}: ${why}`, { object });
  }

  /** Throws for one annotation. */
  refuseValue(name: string, why: string): never {
    return this.refuse(`annotation ${prefix}${name}: ${this.#values[prefix + name] ?? ''}: ${why}`);
  }

  has(name: string): boolean {
    return this.#values[prefix + name] !== undefined;
  }

  text(name: string): string | undefined {
    return this.#values[prefix + name]?.trim();
  }

  choice<Word extends string>(name: string, words: readonly Word[]): Word | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : (words.find((word) => word === text) ?? this.refuseValue(name, `must be one of ${words.join(', ')}`));
  }

  flag(name: string): boolean | undefined {
    const word = this.choice(name, ['true', 'false']);
    return word === undefined ? undefined : word === 'true';
  }

  whole(name: string, lowest: number, highest: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    return value >= lowest && value <= highest ? value : this.refuseValue(name, `must be a whole number from ${lowest} to ${highest}`);
  }

  /** `a, b` → two words. Undefined when the annotation is not there. */
  list(name: string): string[] | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const words = text.split(',').map((word) => word.trim());
    return words.every((word) => word !== '') ? words : this.refuseValue(name, 'must be a list of words with commas between them');
  }

  /** `a=1,b=2` */
  pairs(name: string): Record<string, string> {
    const pairs = (this.list(name) ?? []).map((word) => {
      const at = word.indexOf('=');
      return at > 0 ? ([word.slice(0, at), word.slice(at + 1)] as const) : this.refuseValue(name, 'must be key=value pairs with commas between them');
    });
    return Object.fromEntries(pairs);
  }

  #known(name: string): void {
    if (understood.includes(name)) return;
    const why = refused[name];
    if (why !== undefined) this.refuseValue(name, why);
    const near = nearest(name, understood);
    this.refuseValue(name, near === undefined ? 'is not supported' : `is not supported; did you mean ${prefix}${near}?`);
  }
}
