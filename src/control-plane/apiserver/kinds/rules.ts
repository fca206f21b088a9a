import type { KubeObject } from '../../../kube/objects.ts';
import type { NameRule } from './names.ts';
import type { FieldError, KindContext, KindStrategy } from './strategy.ts';

export interface StrategyOptions {
  /** Blocks inside 127.0.0.0/8 that are the cluster's own: EndpointSlices may name addresses in them. */
  loopbackBlocks?: readonly string[];
}

/** What a kind adds to the rules that all kinds share; what is left out has the common behaviour. */
export interface KindRules extends Partial<Pick<KindStrategy, 'allocate' | 'release' | 'claims' | 'graceSeconds' | 'warnings' | 'selectableFields' | 'hasStatus'>> {
  /** Rule for metadata.name; a DNS subdomain when left out. */
  name?: NameRule;
  default?(object: KubeObject): void;
  /** `default` is about the spec alone: a stored one has had it. */
  defaultsSpec?: true;
  prepareForCreate?(object: KubeObject, context: KindContext): void;
  /** Replaces the common rule (the status is kept, and for the status subresource everything else; the generation counts spec changes). */
  prepareForUpdate?(object: KubeObject, old: KubeObject, context: KindContext): void;
  validate?(object: KubeObject, options: StrategyOptions): FieldError[];
  /** Beyond `validate` and the immutable metadata. */
  validateUpdate?(object: KubeObject, old: KubeObject): FieldError[];
}
