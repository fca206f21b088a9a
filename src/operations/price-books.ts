import type { PriceBook } from '../cloud/catalog.ts';
import type { PriceFigures, ProviderModule } from '../cloud/provider.ts';
import { KopsError, messageOf, systemCode } from '../lib/errors.ts';
import { isPlainObject } from '../lib/json.ts';
import { createNodeDisk } from '../lib/node-disk.ts';
import { nearest } from '../lib/text.ts';
import type { Operator } from './operator.ts';

/** A provider's prices: as it gave them last (`refreshPrices`), unless the built-in ones are newer. Throws PRICES_CORRUPT. */
export async function priceBook({ home }: Pick<Operator, 'home'>, module: ProviderModule): Promise<PriceBook> {
  const builtIn = (await module.catalog()).prices;
  const kept = module.priceBook ? await readFigures(home, module.name) : undefined;
  return kept && module.priceBook && kept.date >= builtIn.date ? module.priceBook(kept) : builtIn;
}

/** Asks the provider for its prices and keeps them under the home. Throws PRICES_FIXED, CloudError. */
export async function refreshPrices(operator: Operator, module: ProviderModule, regions?: readonly string[]): Promise<PriceFigures> {
  if (!module.refreshPrices) {
    throw new KopsError(`prices of ${module.name} cannot be fetched`, {
      code: 'PRICES_FIXED',
      exit: 'usage',
      object: module.name,
      suggestions: [`Those of another cloud: kops-ts prices update ${(await operator.providers.comparison()).name}`],
    });
  }
  const { prices } = await module.catalog();
  const wanted = regions ?? prices.regions;
  const [region = ''] = wanted;
  const figures = await module.refreshPrices({ ...operator.environment, home: operator.home, region }, wanted);
  await createNodeDisk(operator.home).writeFile(fileOf(module.name), Buffer.from(`${JSON.stringify(figures)}\n`));
  return figures;
}

/** The region to price in: the one that is asked for, which must be in the book, else the cluster's, else the book's first. Throws UNKNOWN_PRICE_REGION. */
export function priceRegion(book: PriceBook, wanted: string | undefined, clusterRegion: string): string {
  if (wanted === undefined) return book.regions.includes(clusterRegion) ? clusterRegion : (book.regions[0] ?? clusterRegion);
  if (book.regions.includes(wanted)) return wanted;
  const near = nearest(wanted, book.regions);
  throw new KopsError(`the ${book.name} price book has no region ${wanted}${near === undefined ? '' : `: did you mean ${near}?`}`, {
    code: 'UNKNOWN_PRICE_REGION',
    exit: 'usage',
    object: wanted,
    suggestions: [`It has ${book.regions.join(', ')}.`],
  });
}

async function readFigures(home: string, name: string): Promise<PriceFigures | undefined> {
  let text: string;
  try {
    text = Buffer.from(await createNodeDisk(home).readFile(fileOf(name))).toString();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  const path = `${home}/${fileOf(name)}`;
  try {
    const value: unknown = JSON.parse(text);
    if (isPlainObject(value) && typeof value.date === 'string' && typeof value.source === 'string' && Array.isArray(value.regions) && isPlainObject(value.figures))
      return value as unknown as PriceFigures;
  } catch (error) {
    throw corrupt(path, name, messageOf(error));
  }
  throw corrupt(path, name, 'date, source, regions or figures is missing');
}

function corrupt(path: string, name: string, why: string): KopsError {
  return new KopsError(`${path} holds no prices: ${why}`, {
    code: 'PRICES_CORRUPT',
    exit: 'invalid',
    object: path,
    suggestions: [`Fetch them anew: kops-ts prices update ${name}`, 'Or delete the file: the built-in prices are used then.'],
  });
}

function fileOf(name: string): string {
  return `prices/${name}.json`;
}
