import type { Filter, Image } from '@aws-sdk/client-ec2';
import type { Facts } from '../../../src/cloud/provider.ts';
import type { AwsApi } from '../api/clients.ts';
import { inBatches } from '../api/parallel.ts';

type Images = NonNullable<Facts['images']>;

/** Publishers by the short names that kops knows. */
const owners: Readonly<Record<string, string>> = {
  amazon: '137112412989',
  'amazon.com': '137112412989',
  debian: '136693071363',
  flatcar: '075585003325',
  redhat: '309956199498',
  'redhat.com': '309956199498',
  ubuntu: '099720109477',
};

const architectures: Readonly<Record<string, string>> = { x86_64: 'amd64', arm64: 'arm64' };

const parameterPrefix = 'ssm:';

/** Each by what the spec calls it: `ami-…`, `ssm:PARAMETER`, `OWNER/NAME`, or NAME of an image of one's own. Of several the newest counts. */
export async function lookUpImages(aws: AwsApi, names: readonly string[], signal: AbortSignal): Promise<Images> {
  const ids = await imageIds(aws, names, signal);
  const byName = names.filter((name) => !name.startsWith('ami-') && !name.startsWith(parameterPrefix));
  const [byId, ...named] = await Promise.all([
    describe(aws, [{ Name: 'image-id', Values: [...new Set(ids.values())] }], undefined, signal),
    ...byName.map((name) => newest(aws, name, signal)),
  ]);
  const found: [string, Image | undefined][] = [
    ...[...ids].map(([name, id]): [string, Image | undefined] => [name, byId.find(({ ImageId }) => ImageId === id)]),
    ...byName.map((name, i): [string, Image | undefined] => [name, named[i]]),
  ];
  return Object.fromEntries(found.flatMap(([name, image]) => (image ? [[name, fact(image)]] : [])));
}

/** Ids by name, of those names that are ids or stand for one. */
async function imageIds(aws: AwsApi, names: readonly string[], abortSignal: AbortSignal): Promise<Map<string, string>> {
  const ids = new Map(names.filter((name) => name.startsWith('ami-')).map((name) => [name, name]));
  const parameters = names.filter((name) => name.startsWith(parameterPrefix)).map((name) => name.slice(parameterPrefix.length));
  // The API answers ten at a time.
  const values = await inBatches(parameters, 10, async (Names) => (await (await aws.service('ssm')).getParameters({ Names }, { abortSignal })).Parameters ?? []);
  for (const { Name, Value } of values) if (Value) ids.set(parameterPrefix + Name, imageIdIn(Value));
  return ids;
}

/** A parameter holds the id itself, or a document that holds it (Bottlerocket, ECS). */
function imageIdIn(value: string): string {
  return /ami-[0-9a-f]+/.exec(value)?.[0] ?? value;
}

async function newest(aws: AwsApi, name: string, signal: AbortSignal): Promise<Image | undefined> {
  const slash = name.indexOf('/');
  const owner = slash < 0 ? 'self' : name.slice(0, slash);
  const images = await describe(aws, [{ Name: 'name', Values: [name.slice(slash + 1)] }], [owners[owner] ?? owner], signal);
  return images.sort((a, b) => ((a.CreationDate ?? '') < (b.CreationDate ?? '') ? 1 : -1))[0];
}

/** Publishers deprecate images after a time; clusters that stand go on with theirs. */
async function describe(aws: AwsApi, Filters: Filter[], Owners: string[] | undefined, abortSignal: AbortSignal): Promise<Image[]> {
  if (Filters[0]?.Values?.length === 0) return [];
  return (await (await aws.service('ec2')).describeImages({ Filters, Owners, IncludeDeprecated: true }, { abortSignal })).Images ?? [];
}

function fact({ ImageId = '', Architecture, RootDeviceName }: Image): Images[string] {
  return { id: ImageId, architecture: architectures[Architecture ?? ''] ?? String(Architecture), ...(RootDeviceName ? { rootDevice: RootDeviceName } : {}) };
}
