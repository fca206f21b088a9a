import type { Mount } from '../runtime.ts';
import { toBytes } from './streams.ts';

const messages = {
  ENOENT: 'No such file or directory',
  EISDIR: 'Is a directory',
  ENOTDIR: 'Not a directory',
  EEXIST: 'File exists',
  EROFS: 'Read-only file system',
  ENOSPC: 'No space left on device',
  ENOTEMPTY: 'Directory not empty',
  EACCES: 'Permission denied',
  EBUSY: 'Device or resource busy',
};

/** Its message is the C library's text for the code. */
export class FileError extends Error {
  readonly code: keyof typeof messages;
  constructor(code: keyof typeof messages) {
    super(messages[code]);
    this.name = 'FileError';
    this.code = code;
  }
}

/** Relative path to content; a key that ends with `/` is a directory of its own. */
type Layer = Map<string, Uint8Array>;
/** Files every container of an image shares; read only, made when first needed. */
export type ImageFiles = ReadonlyMap<string, string | Uint8Array>;

/** Files whose content is made when read. */
export interface ComputedFiles {
  keys(): Iterable<string>;
  get(path: string): string | undefined;
}

export interface MountPoint {
  path: string;
  readOnly: boolean;
  usedBytes: number;
}

interface Place {
  layer: Layer;
  key: string;
  readOnly: boolean;
  /** In the container's own layer, which lies over the image's files. */
  own: boolean;
}

const noContent = new Uint8Array(0);
/** What a container's own layer, or one volume, may hold. */
export const maxContainerBytes = 32 * 1024 * 1024;

/** A container's files, all in memory: the image's, the container's own changes over them, the pod's volumes mounted in. */
export class FileSystem {
  private readonly image: ImageFiles;
  private readonly computed: ComputedFiles;
  private readonly changes: Layer = new Map();
  private readonly deleted = new Set<string>();
  private readonly executable = new Set<string>();
  private readonly mounts: readonly Mount[];
  private readonly folders: ReadonlySet<string>;

  /** `computed` are files whose content is made when read (/etc/hosts, /proc). */
  constructor(options: { image: ImageFiles; computed: ComputedFiles; mounts: readonly Mount[] }) {
    this.image = options.image;
    this.computed = options.computed;
    this.folders = foldersOf(options.image, options.computed);
    this.mounts = [...options.mounts].sort((a, b) => b.mountPath.length - a.mountPath.length);
  }

  stat(path: string): { type: 'file' | 'dir'; size: number } | undefined {
    const content = this.content(path);
    if (content !== undefined) return { type: 'file', size: content.length };
    return this.isDirectory(path) ? { type: 'dir', size: 4096 } : undefined;
  }

  read(path: string): Buffer {
    const content = this.content(path);
    if (content === undefined) throw new FileError(this.isDirectory(path) ? 'EISDIR' : 'ENOENT');
    return toBytes(content);
  }

  readText(path: string): string {
    return this.read(path).toString();
  }

  write(path: string, data: string | Uint8Array, options: { append?: boolean } = {}): void {
    const place = this.writable(path);
    if (this.isDirectory(path)) throw new FileError('EISDIR');
    this.requireParent(path);
    const before = options.append ? this.content(path) : undefined;
    const bytes = before ? Buffer.concat([before, toBytes(data)]) : Buffer.from(toBytes(data));
    if (usedBytes(place.layer) + bytes.length > maxContainerBytes) throw new FileError('ENOSPC');
    this.put(place.layer, place.key, bytes);
    if (place.own) this.deleted.delete(path);
  }

  mkdir(path: string): void {
    if (this.stat(path)) throw new FileError('EEXIST');
    const place = this.writable(path);
    this.requireParent(path);
    place.layer.set(`${place.key}/`, noContent);
    if (place.own) this.deleted.delete(path);
  }

  /** A file, or a directory with all it holds. */
  remove(path: string): void {
    if (!this.stat(path)) throw new FileError('ENOENT');
    if (path === '/' || this.mounts.some((mount) => mount.mountPath === path)) throw new FileError('EBUSY');
    for (const name of this.isDirectory(path) ? this.list(path) : []) this.remove(joinPath(path, name));
    const place = this.writable(path);
    this.put(place.layer, place.key, undefined);
    place.layer.delete(`${place.key}/`);
    if (place.own) this.deleted.add(path);
  }

  /** Names in a directory, sorted. */
  list(path: string): string[] {
    if (this.content(path) !== undefined) throw new FileError('ENOTDIR');
    if (!this.isDirectory(path)) throw new FileError('ENOENT');
    const names = new Set<string>();
    for (const key of this.keysUnder(path === '/' ? '/' : `${path}/`)) {
      const name = key.split('/', 1)[0];
      if (name) names.add(name);
    }
    return [...names].sort();
  }

  setExecutable(path: string, on: boolean): void {
    if (on) this.executable.add(path);
    else this.executable.delete(path);
  }

  /** Permission bits as `ls` and `tar` show them. */
  mode(path: string): number {
    if (this.isDirectory(path)) return 0o755;
    return this.executable.has(path) || (this.place(path).own && this.isExecutable(path)) ? 0o755 : 0o644;
  }

  /** Volumes carry no modes here: what they hold may be run, as the image's own files under a bin directory may. */
  isExecutable(path: string): boolean {
    if (this.content(path) === undefined) return false;
    return this.executable.has(path) || !this.place(path).own || /(^|\/)s?bin\//.test(path);
  }

  /** What is mounted where, the container's own layer first. */
  mountPoints(): MountPoint[] {
    const volumes = this.mounts.map(({ mountPath, readOnly, volume }) => ({ path: mountPath, readOnly, usedBytes: usedBytes(volume) }));
    return [{ path: '/', readOnly: false, usedBytes: usedBytes(this.changes) }, ...volumes.reverse()];
  }

  private content(path: string): Uint8Array | undefined {
    const place = this.place(path);
    const found = place.layer.get(place.key);
    if (found || !place.own) return found;
    if (this.deleted.has(path)) return undefined;
    const computed = this.computed.get(path);
    if (computed !== undefined) return toBytes(computed);
    const image = this.image.get(path);
    return image === undefined ? undefined : toBytes(image);
  }

  /** In the container's own layer every directory has a key; a volume's may follow from its files. */
  private isDirectory(path: string): boolean {
    if (path === '/') return true;
    const place = this.place(path);
    if (place.layer.has(`${place.key}/`)) return true;
    if (place.own ? !this.deleted.has(path) && this.folders.has(path) : this.isFolderOfVolume(path, place)) return true;
    return this.mounts.some((mount) => (mount.mountPath === path && !this.fileMount(mount)) || mount.mountPath.startsWith(`${path}/`));
  }

  private isFolderOfVolume(path: string, place: Place): boolean {
    if (place.key === '') return !place.layer.has('');
    for (const _ of this.keysUnder(`${path}/`)) return true;
    return false;
  }

  /** Everything below a prefix, relative to it. */
  private *keysUnder(prefix: string): Generator<string> {
    const place = this.place(prefix.slice(0, -1) || '/');
    const inner = place.own ? prefix : place.key === '' ? '' : `${place.key}/`;
    for (const key of place.layer.keys()) if (key.startsWith(inner) && key.length > inner.length) yield key.slice(inner.length);
    if (place.own) yield* this.imageKeysUnder(prefix);
    for (const mount of this.mounts) if (mount.mountPath.startsWith(prefix) && mount.mountPath.length > prefix.length) yield mount.mountPath.slice(prefix.length);
  }

  private *imageKeysUnder(prefix: string): Generator<string> {
    for (const files of [this.image, this.computed]) {
      for (const key of files.keys()) if (key.startsWith(prefix) && !this.deleted.has(key.endsWith('/') ? key.slice(0, -1) : key)) yield key.slice(prefix.length);
    }
  }

  private place(path: string): Place {
    for (const mount of this.mounts) {
      const file = this.fileMount(mount);
      const root = mount.mountPath === '/' ? '' : mount.mountPath;
      if (path === mount.mountPath && file) return { layer: mount.volume, key: file, readOnly: mount.readOnly, own: false };
      if (file || !(path === mount.mountPath || path.startsWith(`${root}/`))) continue;
      const below = path.slice(root.length + 1);
      const key = [mount.subPath?.replace(/^\/|\/$/g, ''), below].filter((part) => part).join('/');
      return { layer: mount.volume, key, readOnly: mount.readOnly, own: false };
    }
    return { layer: this.changes, key: path, readOnly: false, own: true };
  }

  /** The key of the one file that a subPath mount shows, or undefined for a directory. */
  private fileMount(mount: Mount): string | undefined {
    const key = mount.subPath?.replace(/^\/|\/$/g, '');
    return key && mount.volume.has(key) ? key : undefined;
  }

  private writable(path: string): Place {
    const place = this.place(path);
    if (place.readOnly || (place.own && (path.startsWith('/proc/') || path.startsWith('/sys/')))) throw new FileError('EROFS');
    return place;
  }

  private requireParent(path: string): void {
    const parent = parentOf(path);
    const stat = this.stat(parent);
    if (!stat) throw new FileError('ENOENT');
    if (stat.type === 'file') throw new FileError('ENOTDIR');
  }

  private put(layer: Layer, key: string, bytes: Uint8Array | undefined): void {
    sizes.set(layer, usedBytes(layer) - (layer.get(key)?.length ?? 0) + (bytes?.length ?? 0));
    if (bytes) layer.set(key, bytes);
    else layer.delete(key);
  }
}

/** Bytes in a layer, kept as containers write: adding all of them up for each write would take too long. */
const sizes = new WeakMap<Layer, number>();

function usedBytes(layer: Layer): number {
  const known = sizes.get(layer);
  if (known !== undefined) return known;
  let bytes = 0;
  for (const content of layer.values()) bytes += content.length;
  return bytes;
}

/** The directories of an image, by its files: made once, shared by its containers. */
const imageFolders = new WeakMap<ImageFiles, ReadonlySet<string>>();

function foldersOf(image: ImageFiles, computed: ComputedFiles): ReadonlySet<string> {
  const known = imageFolders.get(image);
  if (known) return known;
  const folders = new Set<string>();
  for (const key of [...image.keys(), ...computed.keys()]) for (let end = key.lastIndexOf('/'); end > 0; end = key.lastIndexOf('/', end - 1)) folders.add(key.slice(0, end));
  imageFolders.set(image, folders);
  return folders;
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function joinPath(folder: string, name: string): string {
  return folder === '/' ? `/${name}` : `${folder}/${name}`;
}

/** An absolute path without `.`, `..` and doubled slashes. */
export function resolvePath(cwd: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${cwd}/${path}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** The file a bare command name stands for, by the folders of a PATH. */
export function findOnPath(files: FileSystem, path: string | undefined, name: string): string | undefined {
  return (path ?? '')
    .split(':')
    .map((folder) => joinPath(folder, name))
    .find((candidate) => files.isExecutable(candidate));
}
