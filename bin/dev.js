#!/usr/bin/env -S node --import tsx
// Runs the sources as they are: commands and hooks of package.json point into dist, here they point to the sources.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execute, settings } from '@oclif/core';
import { commandFirst } from '../src/cli/leading-flags.ts';
import { prepareProcess } from '../src/cli/prepare-process.ts';

prepareProcess(process.env);
settings.debug = true;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const pjson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const source = (path) => path.replace('./dist/', './').replace(/\.js$/, '.ts');
pjson.oclif.hooks = Object.fromEntries(Object.entries(pjson.oclif.hooks).map(([name, path]) => [name, source(path)]));
pjson.oclif.commands = { strategy: 'explicit', target: './bin/dev-commands.js' };
await execute({ args: commandFirst(process.argv.slice(2)), loadOptions: { root, pjson, ignoreManifest: true } });
