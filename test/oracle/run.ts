import { resolve } from 'node:path';
import { runCreateCases } from './create-cases.ts';
import { runUpdateCases } from './update-cases.ts';

/** `npm run oracle -- DIR`: runs the cases under DIR, prints what differs and how much is the same. */
const [folder] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write('Usage: npm run oracle -- DIR (a folder with create/CASE, update/CASE and facts.json)\n');
  process.exitCode = 64;
} else {
  const created = await runCreateCases(resolve(folder));
  for (const { name, differences } of created) print(`create/${name}`, '', differences);
  const updated = await runUpdateCases(resolve(folder));
  for (const { name, equal, total, differences } of updated) print(`update/${name}`, `: ${equal} of ${total} resources equal`, differences);
  const same = created.filter(({ differences }) => differences.length === 0).length;
  const equal = updated.reduce((sum, result) => sum + result.equal, 0);
  const total = updated.reduce((sum, result) => sum + result.total, 0);
  if (created.length > 0) process.stdout.write(`create: ${same} of ${created.length}\n`);
  if (updated.length > 0) process.stdout.write(`update: ${equal} of ${total} resources equal\n`);
  const differs = [...created, ...updated].some(({ differences }) => differences.length > 0);
  if (differs || created.length + updated.length === 0) process.exitCode = 1;
}

function print(name: string, count: string, differences: readonly string[]): void {
  process.stdout.write(`${differences.length === 0 ? 'same' : 'DIFFERENT'}  ${name}${count}\n${differences.map((line) => `  ${line}\n`).join('')}`);
}
