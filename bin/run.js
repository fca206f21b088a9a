#!/usr/bin/env node
// The AWS SDK warns on every start under Node.js 20; the versions it needs are pinned.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const [{ execute }, { commandFirst }] = await Promise.all([import('@oclif/core'), import('../dist/src/cli/leading-flags.js')]);
await execute({ dir: import.meta.url, args: commandFirst(process.argv.slice(2)) });
