import type { Program } from '../container/process.ts';
import type { Tools } from '../images/image-definition.ts';
import { echo, falseCommand, sleep, trueCommand } from './basics.ts';

const common: Readonly<Record<string, Program>> = { echo, sleep, true: trueCommand, false: falseCommand };

/** Commands by name for each family of images. */
export const tools: Readonly<Record<Tools, Readonly<Record<string, Program>>>> = { none: {}, busybox: common, debian: common };
