#!/usr/bin/env node
const [{ execute }, { commandFirst }, { prepareProcess }] = await Promise.all([
  import('@oclif/core'),
  import('../dist/src/cli/leading-flags.js'),
  import('../dist/src/cli/prepare-process.js'),
]);
prepareProcess(process.env);
await execute({ dir: import.meta.url, args: commandFirst(process.argv.slice(2)) });
