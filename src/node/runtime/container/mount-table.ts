import { type FileSystem, type MountPoint, maxContainerBytes } from './file-system.ts';

export interface MountedFileSystem extends MountPoint {
  source: string;
  type: string;
  /** Zero for what holds no data of its own. */
  sizeBytes: number;
}

/** As the container sees it: its own layer, the kernel's file systems, the pod's volumes, all of them in memory. */
export function mountedFileSystems(files: FileSystem): MountedFileSystem[] {
  const [own, ...volumes] = files.mountPoints();
  const kernel = (type: string, path: string) => ({ path, readOnly: false, usedBytes: 0, source: type, type, sizeBytes: 0 });
  const root = { path: '/', readOnly: false, usedBytes: own?.usedBytes ?? 0, source: 'overlay', type: 'overlay', sizeBytes: maxContainerBytes };
  const volume = (point: MountPoint) => ({ ...point, source: 'tmpfs', type: 'tmpfs', sizeBytes: maxContainerBytes });
  return [
    root,
    kernel('proc', '/proc'),
    { ...volume({ path: '/dev', readOnly: false, usedBytes: 0 }), sizeBytes: 64 * 1024 * 1024 },
    kernel('sysfs', '/sys'),
    ...volumes.map(volume),
  ];
}

/** /proc/mounts. */
export function mountTable(files: FileSystem): string {
  return mountedFileSystems(files)
    .map(({ source, path, type, readOnly }) => `${source} ${path} ${type} ${readOnly ? 'ro' : 'rw'},relatime 0 0\n`)
    .join('');
}
