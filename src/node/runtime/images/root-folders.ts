import type { Tools } from './image-definition.ts';

const everywhere = 'dev etc proc sys tmp';
const common = `${everywhere} bin home lib root run sbin usr usr/bin usr/lib usr/local usr/local/bin usr/sbin usr/share var var/cache var/lib var/log var/run var/tmp`;

/** The folders every image of a family has, whatever is in them. */
export const rootFolders: Readonly<Record<Tools, readonly string[]>> = {
  none: everywhere.split(' '),
  busybox: common.split(' '),
  debian: `${common} boot lib64 media mnt opt srv`.split(' '),
};

/** Where the tools of a family are; Debian's /bin is its /usr/bin. */
export const toolFolders: Readonly<Record<Tools, readonly string[]>> = { none: [], busybox: ['/bin'], debian: ['/usr/bin', '/bin'] };

/** Where programs are looked for when a command is a bare name. */
export const programFolders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
