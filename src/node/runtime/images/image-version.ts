import type { ImageName } from './image-name.ts';

/** The version a tag names, in full; the newest known one for a tag like `latest` or `alpine`. */
export function versionOf(image: ImageName, latest: string): string {
  const version = /^\d+(?:\.\d+){1,2}/.exec(image.tag ?? '')?.[0];
  if (version === undefined) return latest;
  return version.split('.').length === 2 ? `${version}.0` : version;
}
