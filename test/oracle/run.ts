import { resolve } from 'node:path';
import { runCreateCases } from './create-cases.ts';

/** `npm run oracle -- DIR`: runs the cases under DIR, prints what differs and how many match. */
const [folder] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write('Usage: npm run oracle -- DIR (a folder with create/CASE/options.yaml and facts.json)\n');
  process.exitCode = 64;
} else {
  const results = await runCreateCases(resolve(folder));
  for (const { name, differences } of results) {
    process.stdout.write(`${differences.length === 0 ? 'same' : 'DIFFERENT'}  create/${name}\n${differences.map((line) => `  ${line}\n`).join('')}`);
  }
  const same = results.filter(({ differences }) => differences.length === 0).length;
  process.stdout.write(`create: ${same} of ${results.length}\n`);
  if (same < results.length || results.length === 0) process.exitCode = 1;
}
