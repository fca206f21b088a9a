import type { Program } from '../container/process.ts';
import type { Tools } from '../images/image-definition.ts';
import { shellProgram } from '../shell/shell-program.ts';
import { echo, falseCommand, sleep, trueCommand } from './basics.ts';
import { curl } from './curl.ts';
import { fileTools } from './files.ts';
import { interfaceTools } from './interfaces.ts';
import { networkTools } from './network.ts';
import { printf } from './printf.ts';
import { reports } from './reports.ts';
import { systemTools } from './system.ts';
import { tar } from './tar.ts';
import { textTools } from './text.ts';

const common: Readonly<Record<string, Program>> = {
  sh: shellProgram,
  echo,
  printf,
  sleep,
  true: trueCommand,
  false: falseCommand,
  ...fileTools,
  ...textTools,
  ...systemTools,
  ...reports,
  tar,
};

/** Commands by name for each family of images. Debian's images come without network tools; curl is there because people look for it. */
export const tools: Readonly<Record<Tools, Readonly<Record<string, Program>>>> = {
  none: {},
  busybox: { ...common, ash: shellProgram, ...networkTools, ...interfaceTools },
  debian: { ...common, bash: shellProgram, dash: shellProgram, curl, getent: networkTools.getent ?? trueCommand },
};
