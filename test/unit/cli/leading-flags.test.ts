import { expect, it } from 'vitest';
import { commandFirst } from '../../../src/cli/leading-flags.ts';

it('puts global flags that stand before the command behind it, as kops takes them', () => {
  const cases: [string, string][] = [
    ['--state s3://x get clusters -o json', 'get clusters -o json --state s3://x'],
    ['--state=s3://x --name demo validate cluster', 'validate cluster --state=s3://x --name demo'],
    ['get clusters --state s3://x', 'get clusters --state s3://x'],
    ['--help', '--help'],
    ['', ''],
  ];
  for (const [given, expected] of cases) expect(commandFirst(given.split(' ').filter(Boolean)).join(' ')).toBe(expected);
});
