// Compiles into dist/, copies data files beside the code that reads them, writes the command manifest.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);

rmSync(join(root, 'dist'), { recursive: true, force: true });
execFileSync(process.execPath, [join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc'), '-p', root], { stdio: 'inherit' });
for (const tree of ['src', 'providers']) copyData(tree);

contributeCommands();

const { Plugin } = await import('@oclif/core');
const plugin = new Plugin({ root, ignoreManifest: true });
await plugin.load();
const manifest = { ...plugin.manifest };
writeFileSync(join(root, 'oclif.manifest.json'), `${JSON.stringify(manifest)}\n`);

function copyData(folder) {
  for (const name of readdirSync(join(root, folder))) {
    const path = join(folder, name);
    if (statSync(join(root, path)).isDirectory()) copyData(path);
    else if (/\.(json|json\.br)$/.test(name)) cpSync(join(root, path), join(root, 'dist', path));
  }
}

// A provider's own commands (providers/<name>/commands) stand beside ours: oclif looks for commands in one folder only.
function contributeCommands() {
  const providers = join(root, 'dist', 'providers');
  for (const provider of readdirSync(providers)) {
    const folder = join(providers, provider, 'commands');
    if (!existsSync(folder)) continue;
    for (const path of readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.js'))) {
      const target = join(root, 'dist', 'src', 'commands', path);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, `export { default } from '${relative(dirname(target), join(folder, path))}';\n`);
    }
  }
}
