import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface PackageManifest {
  name: string;
  version: string;
  main?: string;
  exports?: unknown;
  files?: string[];
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
}

export interface InstalledPackage {
  /** Where it is on this machine. */
  folder: string;
  manifest: PackageManifest;
  /** Where it goes below the package that needs it: `node_modules/ws`. The package itself: ''. */
  place: string;
}

/**
 * A package with all that it needs at run time, placed so that each finds what it finds here, however the packages on this machine were installed.
 * Throws when a dependency is missing.
 */
export function installedPackages(root: string): InstalledPackage[] {
  const placed = new Map<string, InstalledPackage>([['', { folder: root, manifest: readManifest(root), place: '' }]]);
  for (const dependent of placed.values()) {
    for (const [name, needed] of dependenciesOf(dependent.manifest)) {
      const folder = resolvePackage(dependent.folder, name);
      if (folder === undefined && needed) throw new Error(`${dependent.manifest.name} needs the package ${name}, which is not installed`);
      if (folder === undefined) continue;
      const visible = visiblePlaces(dependent.place, name).find((place) => placed.has(place));
      if (visible !== undefined && placed.get(visible)?.folder === folder) continue;
      const place = visible === undefined ? `node_modules/${name}` : below(dependent.place, name);
      placed.set(place, { folder, manifest: readManifest(folder), place });
    }
  }
  return [...placed.values()];
}

export function readManifest(folder: string): PackageManifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageManifest;
}

function dependenciesOf(manifest: PackageManifest): [name: string, needed: boolean][] {
  const { dependencies = {}, optionalDependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifest;
  const needed = new Map(Object.keys(dependencies).map((name) => [name, !(name in optionalDependencies)]));
  for (const name of Object.keys(optionalDependencies)) needed.set(name, false);
  for (const name of Object.keys(peerDependencies)) if (!peerDependenciesMeta[name]?.optional && !needed.has(name)) needed.set(name, false);
  return [...needed].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** As Node.js looks for a package: in every node_modules on the way up. */
function resolvePackage(from: string, name: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (statSync(join(candidate, 'package.json'), { throwIfNoEntry: false })?.isFile()) return candidate;
    if (dirname(folder) === folder) return undefined;
  }
}

/** Nearest first: what the same look-up sees in the new place. */
function visiblePlaces(from: string, name: string): string[] {
  const parts = from === '' ? [] : from.split('/node_modules/');
  return [...parts.map((_, i) => below(parts.slice(0, parts.length - i).join('/node_modules/'), name)), `node_modules/${name}`];
}

function below(place: string, name: string): string {
  return place === '' ? `node_modules/${name}` : `${place}/node_modules/${name}`;
}
