import { editDistance } from '../../src/lib/text.ts';

/** Regions by area. */
const areas: Readonly<Record<string, string>> = {
  'af-south': '1',
  'ap-east': '1 2',
  'ap-northeast': '1 2 3',
  'ap-south': '1 2',
  'ap-southeast': '1 2 3 4 5 6 7',
  'ca-central': '1',
  'ca-west': '1',
  'cn-north': '1',
  'cn-northwest': '1',
  'eu-central': '1 2',
  'eu-north': '1',
  'eu-south': '1 2',
  'eu-west': '1 2 3',
  'il-central': '1',
  'me-central': '1',
  'me-south': '1',
  'mx-central': '1',
  'sa-east': '1',
  'us-east': '1 2',
  'us-gov-east': '1',
  'us-gov-west': '1',
  'us-west': '1 2',
};

/** Of kops' own examples and tests. */
const madeUpArea = 'us-test';

export const awsRegions: readonly string[] = Object.entries(areas).flatMap(([area, numbers]) => numbers.split(' ').map((number) => `${area}-${number}`));

/** An area with one wrong letter, or with two in the wrong order. One that is like none may be newer than this list. */
export function isMisspelt(region: string): boolean {
  const area = region.replace(/-\d+$/, '');
  return area !== madeUpArea && !Object.hasOwn(areas, area) && Object.keys(areas).some((known) => editDistance(area, known) === 1 || letters(area) === letters(known));
}

function letters(text: string): string {
  return [...text].sort().join('');
}
