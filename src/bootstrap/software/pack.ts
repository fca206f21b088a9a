import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { KopsError } from '../../lib/errors.ts';
import { endOfArchive, headerOf, paddingOf } from '../../lib/tar.ts';
import { type InstalledPackage, installedPackages, type PackageManifest } from './installed-packages.ts';

export interface PackedSoftware {
  version: string;
  /** SHA-256 in hex of the tar file: the same files give the same one, on every machine. */
  sha256: string;
  /** Of the tar file and the compressed one. */
  bytes: { tar: number; archive: number };
  /** The gzipped tar file. */
  archive: Uint8Array;
}

/** As npm does, so that nothing of this machine's clock or user is in the archive: 1985-10-26. */
const fixedTimeSeconds = 499_162_500;

/** What no machine runs: types, maps, texts. Licences stay. */
const unused = /(\.d\.[cm]?ts|\.ts|\.map|\.md|\.markdown)$/i;
/** Second forms of the same code, where the package's entry points lead to another one. */
const otherForms = ['dist-es', 'dist-types'];

/** Fast: what it saves is two megabytes once a version. */
const compression = { level: 3 };

/** The package in `root` as npm packs it, with the packages it needs: what an instance unpacks and runs without asking a registry. Throws NOT_BUILT.
 * Files are read one after the other: thousands of small ones take several times as long through the thread pool. */
export async function packSoftware(root: string): Promise<PackedSoftware> {
  const packages = installedPackages(root);
  const files = packages.flatMap((each) => filesOf(each, root)).sort((a, b) => (a.name < b.name ? -1 : 1));
  const tar = Buffer.concat([...files.flatMap(tarEntry), endOfArchive]);
  const archive = await promisify(gzip)(tar, compression);
  const version = packages[0]?.manifest.version ?? '';
  return { version, sha256: createHash('sha256').update(tar).digest('hex'), bytes: { tar: tar.length, archive: archive.length }, archive };
}

/** `kops-ts-0.1.0-1a2b3c4d.tgz` */
export function archiveName({ version, sha256 }: Pick<PackedSoftware, 'version' | 'sha256'>): string {
  return `kops-ts-${version}-${sha256.slice(0, 8)}.tgz`;
}

interface PackedFile {
  /** In the archive. */
  name: string;
  path: string;
}

function filesOf({ folder, manifest, place }: InstalledPackage, root: string): PackedFile[] {
  const paths = place === '' ? ownFiles(root, manifest) : walk(folder, '', skippedFolders(manifest));
  const prefix = place === '' ? 'package' : `package/${place}`;
  return paths.filter((path) => !unused.test(path) || (place === '' && path === 'README.md')).map((path) => ({ name: `${prefix}/${path}`, path: join(folder, path) }));
}

/** What the manifest publishes. */
function ownFiles(root: string, manifest: PackageManifest): string[] {
  return ['package.json', 'LICENSE', ...(manifest.files ?? [])].flatMap((name) => {
    const found = statSync(join(root, name), { throwIfNoEntry: false });
    if (found) return found.isDirectory() ? walk(join(root, name), `${name}/`, new Set()) : [name];
    throw new KopsError(`${join(root, name)} is missing: kops-ts cannot be packed for the instances`, {
      code: 'NOT_BUILT',
      exit: 'usage',
      object: name,
      suggestions: ['Build it: npm run build'],
    });
  });
}

function skippedFolders({ main = '', exports }: PackageManifest): Set<string> {
  const entries = `${main} ${JSON.stringify(exports ?? '')}`;
  return new Set(otherForms.filter((form) => !entries.includes(form)));
}

/** Paths below `folder`, each after `prefix`. Nested packages are placed by their own look-up. */
function walk(folder: string, prefix: string, skipped: ReadonlySet<string>): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry): string[] => {
    if (entry.name.startsWith('.')) return [];
    const path = `${prefix}${entry.name}`;
    if (!entry.isDirectory()) return entry.isFile() ? [path] : [];
    return entry.name === 'node_modules' || skipped.has(entry.name) ? [] : walk(join(folder, entry.name), `${path}/`, skipped);
  });
}

function tarEntry({ name, path }: PackedFile): Buffer[] {
  const content = readFileSync(path);
  const mode = statSync(path).mode & 0o100 ? 0o755 : 0o644;
  return [headerOf({ name, type: 'file', size: content.length, mode }, fixedTimeSeconds), content, paddingOf(content.length)];
}
