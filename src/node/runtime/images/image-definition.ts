import type { ImageFiles } from '../container/file-system.ts';
import type { Program } from '../container/process.ts';
import type { ImageName } from './image-name.ts';

/** The commands an image has besides its own programs. */
export type Tools = 'none' | 'busybox' | 'debian';

/** What an image holds, as code. */
export interface ImageDefinition {
  /** Full names without tag: `docker.io/library/nginx`; `*` at the end stands for anything. */
  names: readonly string[];
  /** The tags its registry has; any unless said. */
  tags?: RegExp;
  /** What it serves when its container declares no ports. */
  ports?: readonly number[];
  entrypoint?: readonly string[];
  command?: readonly string[];
  env?: (image: ImageName) => Record<string, string>;
  workingDir?: string;
  /** The signal that asks its program to end; TERM unless said. */
  stopSignal?: string;
  tools: Tools;
  /** Its own programs by name. */
  programs?: Readonly<Record<string, Program>>;
  files?: (image: ImageName) => ImageFiles;
  /** Any command that the image is not known to have runs this: images whose content nobody here knows. */
  anyCommand?: Program;
}
