import { chmod, mkdir, open, readFile, realpath, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Environment } from '../lib/environment.ts';
import { KopsError, messageOf, systemCode } from '../lib/errors.ts';
import { hex } from '../lib/random.ts';
import { clusterOfContext, currentContext, type KubeconfigEntry, kubeconfigPaths, mergeKubeconfig, removeFromKubeconfig } from './kubeconfig.ts';

const lockTries = 50;
const lockPauseMs = 100;

/** Adds the cluster to the user's kubeconfig and makes it the current context. Returns the file's path. */
export async function addToKubeconfigFile(entry: KubeconfigEntry, environment: Environment, file?: string): Promise<string> {
  const path = file ?? (kubeconfigPaths(environment.variables)[0] as string);
  await edit(path, environment, (text) => mergeKubeconfig(text, entry, path));
  return path;
}

/** Takes the cluster's entries out of every kubeconfig file. Returns the files that had any. */
export async function removeFromKubeconfigFiles(name: string, environment: Environment): Promise<string[]> {
  const changed: string[] = [];
  for (const path of kubeconfigPaths(environment.variables)) {
    const before = await readText(path);
    if (before === undefined || removeFromKubeconfig(before, name, path) === undefined) continue;
    await edit(path, environment, (text) => removeFromKubeconfig(text, name, path));
    changed.push(path);
  }
  return changed;
}

/** Whether kubectl already knows the cluster by this name. */
export async function hasContext(name: string, environment: Environment): Promise<boolean> {
  for (const path of kubeconfigPaths(environment.variables)) {
    if (removeFromKubeconfig(await readText(path), name, path) !== undefined) return true;
  }
  return false;
}

/** The cluster of the context kubectl would use now: contexts can be renamed, and may stand in another file. */
export async function readCurrentCluster(environment: Environment): Promise<string | undefined> {
  const files = await Promise.all(kubeconfigPaths(environment.variables).map(async (path) => ({ path, text: await readText(path) })));
  const context = firstOf(files, ({ text, path }) => currentContext(text, path));
  return context === undefined ? undefined : (firstOf(files, ({ text, path }) => clusterOfContext(text, context, path)) ?? context);
}

function firstOf<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Under kubectl's own lock file, beside and renamed: others never see half a file, nor lose a change. */
async function edit(path: string, environment: Environment, change: (text: string | undefined) => string | undefined): Promise<void> {
  const target = await realpath(path).catch(() => path);
  try {
    await mkdir(dirname(target), { recursive: true });
    await withLock(`${target}.lock`, environment, async () => {
      const text = change(await readText(target));
      if (text !== undefined) await replaceFile(target, text, environment);
    });
  } catch (error) {
    if (error instanceof KopsError) throw error;
    throw new KopsError(`${path} cannot be written: ${messageOf(error)}`, {
      code: 'KUBECONFIG_NOT_WRITABLE',
      exit: 'conflict',
      object: path,
      suggestions: ['Set KUBECONFIG to a file you may write, then run kops-ts export kubeconfig.'],
      cause: error,
    });
  }
}

async function replaceFile(target: string, text: string, environment: Environment): Promise<void> {
  const temporary = `${target}.${hex(environment.random, 8)}`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await chmod(temporary, 0o600);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function withLock(lock: string, environment: Environment, work: () => Promise<void>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await (await open(lock, 'wx', 0o600)).close();
      break;
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error;
      if (tries === lockTries)
        throw new KopsError(`${lock} is held by another program`, {
          code: 'KUBECONFIG_LOCKED',
          exit: 'conflict',
          object: lock,
          suggestions: [`If nothing runs that changes it: rm ${lock}`],
        });
      await environment.clock.sleep(lockPauseMs, environment.signal);
    }
  }
  try {
    await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw new KopsError(`${path} cannot be read: ${messageOf(error)}`, { code: 'KUBECONFIG_NOT_READABLE', exit: 'conflict', object: path, cause: error });
  }
}
