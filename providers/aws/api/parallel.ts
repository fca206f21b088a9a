const defaultLimit = 8;

/** EC2 takes that many values in one filter. */
export const filterValues = 200;

/** `work` on every item, at most `limit` at a time; results in the order of the items. The first failure ends it. */
export async function inParallel<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>, limit = defaultLimit): Promise<Result[]> {
  const results: Result[] = new Array(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index] as Item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}

/** For calls that take a limited number of things at once: `ask` on each batch in parallel, the answers joined. */
export async function inBatches<Item, Result>(items: readonly Item[], size: number, ask: (batch: Item[]) => Promise<readonly Result[]>): Promise<Result[]> {
  const batches = Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
  return (await inParallel(batches, ask)).flat();
}

/** Every page of a listing. `ask` gets the token of the page, undefined for the first. */
export async function allPages<Item>(ask: (token: string | undefined) => Promise<{ items: readonly Item[] | undefined; next: string | undefined }>): Promise<Item[]> {
  const found: Item[] = [];
  let token: string | undefined;
  do {
    const page = await ask(token);
    found.push(...(page.items ?? []));
    token = page.next || undefined;
  } while (token !== undefined);
  return found;
}
