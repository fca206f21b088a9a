// Every command from its source, our own and those of providers: what bin/build.js puts together in dist.
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const providers = readdirSync(join(root, 'providers')).map((name) => join(root, 'providers', name, 'commands'));
const folders = [join(root, 'src', 'commands'), ...providers.filter((folder) => existsSync(folder))];

const found = folders.flatMap((folder) =>
  readdirSync(folder, { recursive: true })
    .filter((path) => path.endsWith('.ts'))
    .map(async (path) => [path.replace(/(\/index)?\.ts$/, '').replaceAll('/', ':'), (await import(pathToFileURL(join(folder, path)).href)).default]),
);

export default Object.fromEntries(await Promise.all(found));
