import type { Environment } from '../../../lib/environment.ts';
import { ImageError, type PulledImage } from '../runtime.ts';
import type { ImageDefinition } from './image-definition.ts';
import { digestOf, fullName, type ImageName, originalName, parseImageName } from './image-name.ts';
import { mayExist, officialImages } from './official-images.ts';

interface Present {
  pulled: PulledImage;
  image: ImageName;
  definition: ImageDefinition;
}

/** Milliseconds to ask a registry, and to fetch a mebibyte. */
const askMs = 20;
const fetchMsPerMiB = 1;
const mebibyte = 1024 * 1024;

/** The images of one node: what registries would know, and what has been pulled. */
export class ImageStore {
  private readonly environment: Environment;
  private readonly definitions: readonly ImageDefinition[];
  private readonly held = new Map<string, Present>();
  private readonly pulling = new Map<string, Promise<Present>>();

  constructor(environment: Environment, definitions: readonly ImageDefinition[]) {
    this.environment = environment;
    this.definitions = definitions;
  }

  /** Pulls of the same image share one download. Throws ImageError. */
  async pull(text: string, signal: AbortSignal): Promise<PulledImage> {
    const image = parseImageName(text);
    const key = fullName(image);
    await this.environment.clock.sleep(askMs, signal);
    if (!exists(image)) throw new ImageError('ErrImagePull', refusal(image));
    const { tags } = this.definitionOf(image);
    if (tags && image.tag !== undefined && !tags.test(image.tag)) throw new ImageError('ErrImagePull', notFound(image));
    const known = this.held.get(key);
    if (known) return known.pulled;
    const running = this.pulling.get(key) ?? this.fetch(image, key);
    this.pulling.set(key, running);
    return (await running).pulled;
  }

  present(text: string): PulledImage | undefined {
    return this.use(text)?.pulled;
  }

  use(text: string): Present | undefined {
    return this.held.get(fullName(parseImageName(text)));
  }

  list(): PulledImage[] {
    return [...this.held.values()].map(({ pulled }) => pulled);
  }

  private async fetch(image: ImageName, key: string): Promise<Present> {
    try {
      const digest = digestOf(image);
      const sizeBytes = sizeOf(digest);
      await this.environment.clock.sleep((sizeBytes / mebibyte) * fetchMsPerMiB);
      const byDigest = `${image.registry}/${image.repository}@${digest}`;
      const pulled = { id: byDigest, names: [byDigest, ...(image.tag === undefined ? [] : [`${image.registry}/${image.repository}:${image.tag}`])], sizeBytes };
      const present = { pulled, image, definition: this.definitionOf(image) };
      this.held.set(key, present);
      return present;
    } finally {
      this.pulling.delete(key);
    }
  }

  private definitionOf(image: ImageName): ImageDefinition {
    const names = [`${image.registry}/${image.repository}`, originalName(image)];
    const matches = (pattern: string) => names.some((name) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name));
    const found = this.definitions.find((definition) => definition.names.some(matches));
    if (!found) throw new ImageError('ErrImagePull', refusal(image));
    return found;
  }
}

const officialPrefix = 'docker.io/library/';

/** Docker Hub's own images are known by name, by the form of their tags and by how far their versions go; what other registries hold is believed. */
function exists(image: ImageName): boolean {
  const name = officialName(image);
  if (name === undefined) return true;
  return officialImages.has(name) && (image.tag === undefined || (versionLike.test(image.tag) && mayExist(name, image.tag)));
}

function officialName(image: ImageName): string | undefined {
  const name = originalName(image);
  return name.startsWith(officialPrefix) ? name.slice(officialPrefix.length) : undefined;
}

/** A version, a word that tags are made of, or one followed by such words: `latest`, `1.14.2`, `3.12-slim-bookworm`, `17-jdk-alpine3.20`. */
const words = `latest stable mainline lts current edge rolling nightly alpine slim perl otel bookworm bullseye buster stretch jessie trixie sid noble jammy focal bionic xenial
  jdk jre openjdk temurin fpm apache cli zts management musl glibc uclibc full enterprise community ubi oraclelinux rootless dind git minimal onbuild windowsservercore
  nanoserver ltsc linux debian ubuntu unprivileged oldstable testing unstable backports rc beta alpha tini headless php java node python data server agent all core server
  plantuml azurelinux centos rockylinux ubi-minimal hotspot corretto graal jammy-slim mod debug systemd init hirsute impish kinetic lunar mantic oracular plucky`
  .trim()
  .split(/\s+/)
  .join('|');
const word = `(?:${words})(?:\\d+(?:\\.\\d+)*)?`;
const versionLike = new RegExp(`^(?:v?\\d+(?:\\.\\d+){0,3}(?:(?:rc|beta|alpha|b|a)\\d+)?|${word})(?:-(?:${word}|\\d+(?:\\.\\d+)*))*$`);

function refusal(image: ImageName): string {
  if (officialImages.has(officialName(image) ?? '')) return notFound(image);
  return `${failure(image)} pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`;
}

/** The registry knows the image, not the tag. */
function notFound(image: ImageName): string {
  return `${failure(image)} ${fullName(image)}: not found`;
}

function failure(image: ImageName): string {
  const name = fullName(image);
  return `failed to pull and unpack image "${name}": failed to resolve reference "${name}":`;
}

/** Between 2 and 80 MiB, always the same for an image. */
function sizeOf(digest: string): number {
  return Math.round((2 + (Number.parseInt(digest.slice(7, 13), 16) / 0xffffff) * 78) * mebibyte);
}
