import type { PriceBook } from '../cloud/catalog.ts';
import type { Operator } from './operator.ts';
import { priceBook } from './price-books.ts';

/** A provider's price book as it is used: built in, or as it was fetched last. Without a name, the one that free clouds are compared with. */
export async function showPrices(operator: Operator, name: string | undefined): Promise<PriceBook> {
  const { providers } = operator;
  return priceBook(operator, name === undefined ? await providers.comparison() : await providers.load(name));
}
