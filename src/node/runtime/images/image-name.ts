import { createHash } from 'node:crypto';
import { ImageError } from '../runtime.ts';

export interface ImageName {
  /** As written. */
  text: string;
  /** `docker.io`, `registry.k8s.io`, `localhost:5000`. */
  registry: string;
  /** `library/nginx`, `e2e-test-images/agnhost`. */
  repository: string;
  /** Undefined when the image is named by digest alone. */
  tag: string | undefined;
  digest: string | undefined;
}

const component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const tagForm = /^\w[\w.-]{0,127}$/;
const digestForm = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const registryForm = /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::[0-9]+)?$/;

/** Reads an image's name by Docker's reference grammar. Throws ImageError `InvalidImageName`. */
export function parseImageName(text: string): ImageName {
  const [beforeDigest = '', digest, ...more] = text.split('@');
  const colon = beforeDigest.lastIndexOf(':');
  const hasTag = colon > beforeDigest.lastIndexOf('/');
  const path = hasTag ? beforeDigest.slice(0, colon) : beforeDigest;
  const tag = hasTag ? beforeDigest.slice(colon + 1) : digest === undefined ? 'latest' : undefined;
  const { registry, repository } = splitRegistry(path);
  if (repository !== repository.toLowerCase() && component.test(repository.toLowerCase().replaceAll('/', '')))
    throw invalid(text, `: repository name (${repository}) must be lowercase`);
  const wellFormed = registryForm.test(registry) && repository.split('/').every((part) => component.test(part)) && repository.length <= 255;
  if (!wellFormed || more.length > 0 || (tag !== undefined && !tagForm.test(tag)) || (digest !== undefined && !digestForm.test(digest))) throw invalid(text);
  return { text, registry, repository, tag, digest };
}

function splitRegistry(path: string): { registry: string; repository: string } {
  const slash = path.indexOf('/');
  const first = path.slice(0, Math.max(0, slash));
  const named = slash >= 0 && (/[.:]/.test(first) || first === 'localhost');
  const registry = named ? first : 'docker.io';
  const repository = named ? path.slice(slash + 1) : path;
  const dockerHub = registry === 'docker.io' || registry === 'index.docker.io';
  return { registry: dockerHub ? 'docker.io' : registry, repository: dockerHub && !repository.includes('/') ? `library/${repository}` : repository };
}

function invalid(text: string, detail = ''): ImageError {
  return new ImageError('InvalidImageName', `couldn't parse image name ${JSON.stringify(text)}: invalid reference format${detail}`);
}

/** The full form: `docker.io/library/nginx:latest`. */
export function fullName(name: ImageName): string {
  const tag = name.tag === undefined ? '' : `:${name.tag}`;
  return `${name.registry}/${name.repository}${tag}${name.digest === undefined ? '' : `@${name.digest}`}`;
}

const mirrors: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^(?:k8s\.gcr\.io|gcr\.io\/google[-_]containers)\//, 'registry.k8s.io/'],
  [/^(?:public\.ecr\.aws\/docker|mirror\.gcr\.io|registry\.hub\.docker\.com|registry-1\.docker\.io)\//, 'docker.io/'],
];

/** Registry and repository, with the copies that other registries keep under the name of the original. */
export function originalName(name: ImageName): string {
  const text = `${name.registry}/${name.repository}`;
  const mirror = mirrors.find(([pattern]) => pattern.test(text));
  return mirror ? text.replace(...mirror) : text;
}

/** The digest an image is shown with: its own, or one that is always the same for the same name. */
export function digestOf(name: ImageName): string {
  return name.digest ?? `sha256:${createHash('sha256').update(fullName(name)).digest('hex')}`;
}
