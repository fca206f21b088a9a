import { badRequest, isStatus, notFound, StatusError } from '../../../kube/status.ts';
import { type Call, keyIn, type Target } from '../core.ts';
import type { ListMetadata, Result } from '../result.ts';
import { type Selection, selectionOf } from '../storage/selection.ts';
import type { StoredObject } from '../storage/stored-object.ts';
import { checkListOptions } from './list-options.ts';

/** Of a token that goes on without asking for the state of the first page. */
const anyRevision = -1;

const tooOldToContinue =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

interface Page {
  revision: number;
  /** The first key that may be in it. */
  start: string;
}

export async function getObject(call: Call): Promise<Result> {
  const { core, query } = call;
  if (query.get('resourceVersion') !== '0') await core.storage.fresh();
  return { type: 'object', stored: currentOf(call), status: 200 };
}

/** The object a request names. Throws StatusError NotFound. */
export function currentOf({ target, info }: Pick<Call, 'target' | 'info'>): StoredObject {
  const stored = target.cache.get(keyIn(target, info.namespace, info.name ?? ''));
  if (!stored) throw notFound(target.resource.group, target.resource.resource, info.name ?? '');
  return stored;
}

export function selectionFor({ target, info, query }: Pick<Call, 'target' | 'info' | 'query'>): Selection {
  const selection = selectionOf(target.resource, target.prefix, info.namespace, query);
  return info.name === undefined ? selection : { ...selection, name: info.name };
}

export async function listObjects(call: Call): Promise<Result> {
  const { core, target, query } = call;
  checkListOptions(query);
  const selection = selectionFor(call);
  const token = query.get('continue');
  const limit = parseLimit(query.get('limit'));
  if (token) return continueFrom(call, selection, limit, parseToken(token, selection.prefix));
  const exact = await waitForVersion(call);
  if (exact !== undefined) return continueList(call, selection, limit, { revision: exact, start: selection.prefix });
  const { revision } = core.storage;
  const found = select(target, selection);
  if (limit === undefined || found.length <= limit) return { type: 'list', items: found, metadata: { resourceVersion: String(revision) } };
  const items = found.slice(0, limit);
  return { type: 'list', items, metadata: pageMetadata(revision, items, selection, found.length - limit) };
}

/** What the cache holds of a selection, in order of the keys. */
export function select(target: Target, selection: Selection): StoredObject[] {
  const { name, matches } = selection;
  let found: StoredObject[];
  if (name !== undefined && (!target.resource.namespaced || selection.prefix !== target.prefix)) {
    const stored = target.cache.get(selection.prefix + name);
    found = stored ? [stored] : [];
  } else found = target.cache.list(selection.prefix);
  return matches ? found.filter(matches) : found;
}

/** A token of an inconsistent list goes on with what is there now. */
async function continueFrom(call: Call, selection: Selection, limit: number | undefined, from: Page): Promise<Result> {
  if (from.revision === anyRevision) {
    await call.core.storage.fresh();
    return continueList(call, selection, limit, { ...from, revision: call.core.storage.revision });
  }
  try {
    return await continueList(call, selection, limit, from);
  } catch (error) {
    if (!isStatus(error, 'Expired')) throw error;
    throw new StatusError('Expired', tooOldToContinue, error.status.details, undefined, { continue: tokenFor(anyRevision, from.start.slice(selection.prefix.length)) });
  }
}

/** Later pages come from the store as it was at the first one. */
async function continueList(call: Call, selection: Selection, limit: number | undefined, from: Page): Promise<Result> {
  const { storage } = call.core;
  const items: StoredObject[] = [];
  let { start } = from;
  for (;;) {
    const page = await storage.rangeAt(start, selection.prefix, from.revision, limit);
    for (const [index, stored] of page.objects.entries()) {
      if (selection.matches?.(stored) === false) continue;
      items.push(stored);
      if (items.length === limit && (index < page.objects.length - 1 || page.count > page.objects.length)) {
        return { type: 'list', items, metadata: pageMetadata(from.revision, items, selection, page.count - index - 1) };
      }
    }
    const last = page.objects.at(-1);
    if (!last || page.count <= page.objects.length) return { type: 'list', items, metadata: { resourceVersion: String(from.revision) } };
    start = after(last.key);
  }
}

function pageMetadata(revision: number, items: readonly StoredObject[], selection: Selection, remaining: number): ListMetadata {
  const start = after(items.at(-1)?.key ?? selection.prefix).slice(selection.prefix.length);
  const metadata: ListMetadata = { resourceVersion: String(revision), continue: tokenFor(revision, start) };
  if (!selection.matches) metadata.remainingItemCount = remaining;
  return metadata;
}

function tokenFor(revision: number, start: string): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start })).toString('base64url');
}

function after(key: string): string {
  return `${key}\0`;
}

function parseToken(token: string, prefix: string): Page {
  try {
    const { rv, start } = JSON.parse(Buffer.from(token, 'base64url').toString()) as { rv: unknown; start: unknown };
    if (typeof rv === 'number' && Number.isInteger(rv) && rv >= anyRevision && typeof start === 'string') return { revision: rv, start: prefix + start };
  } catch {
    // Falls through to the one answer for every token that is not ours.
  }
  throw badRequest('continue key is not valid: illegal base64 data');
}

function parseLimit(text: string | null): number | undefined {
  const limit = Number(text ?? 0);
  return Number.isInteger(limit) && limit > 0 ? limit : undefined;
}

/** Waits until the cache may answer; a number asks for a list exactly as of that revision. */
async function waitForVersion({ core, query }: Call): Promise<number | undefined> {
  const text = query.get('resourceVersion');
  const match = query.get('resourceVersionMatch');
  if (!text) {
    await core.storage.fresh();
    return undefined;
  }
  const version = parseVersion(text);
  if (match === 'Exact') {
    await waitFor(core.storage, version);
    return version;
  }
  if (version > 0) await waitFor(core.storage, version);
  return undefined;
}

async function waitFor(storage: Call['core']['storage'], version: number): Promise<void> {
  await storage.fresh();
  if (storage.revision < version) {
    throw new StatusError('Timeout', `Too large resource version: ${version}, current: ${storage.revision}`, {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    });
  }
}

export function parseVersion(text: string): number {
  if (!/^\d+$/.test(text)) throw badRequest(`resourceVersion: Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax`);
  return Number(text);
}
