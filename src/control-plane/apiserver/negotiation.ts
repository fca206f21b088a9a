import { StatusError } from '../../kube/status.ts';

/** How an answer is wanted: plain JSON or YAML, or turned into a Table or into metadata only. */
export interface Wanted {
  encoding: 'json' | 'yaml';
  as: 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList' | undefined;
  /** Version of meta.k8s.io for `as`. */
  version: string;
}

export interface MediaRange {
  type: string;
  parameters: Record<string, string>;
}

const plainJson: Wanted = { encoding: 'json', as: undefined, version: 'v1' };

/** First of the client's wishes that can be met; nothing asked for means JSON. Throws StatusError NotAcceptable. */
export function negotiate(accept: string | undefined): Wanted {
  if (!accept) return plainJson;
  for (const { type, parameters } of parseAccept(accept)) {
    if (parameters.as !== undefined) {
      const { as, g, v = 'v1' } = parameters;
      const known = as === 'Table' || as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList';
      if (known && g === 'meta.k8s.io' && (v === 'v1' || v === 'v1beta1') && type === 'application/json') return { encoding: 'json', as, version: v };
    } else if (['application/json', 'application/*', '*/*'].includes(type)) return plainJson;
    else if (type === 'application/yaml') return { ...plainJson, encoding: 'yaml' };
  }
  throw new StatusError('NotAcceptable', 'only the following media types are accepted: application/json, application/yaml');
}

export function parseAccept(accept: string): MediaRange[] {
  return accept.split(',').map((part) => {
    const [type = '', ...rest] = part.split(';').map((piece) => piece.trim());
    const parameters = Object.fromEntries(rest.map((piece) => piece.split('=', 2) as [string, string]));
    return { type: type.toLowerCase(), parameters };
  });
}
