import { KopsError } from '../lib/errors.ts';
import { isPlainObject } from '../lib/json.ts';
import { formatYaml, parseYaml } from '../lib/yaml.ts';

/** Where one cluster's API is. PEM text. */
export interface ClusterAddress {
  name: string;
  server: string;
  tlsServerName?: string;
  certificateAuthority: string;
}

/** How to reach one cluster as its administrator. PEM texts. */
export interface AdministratorEntry extends ClusterAddress {
  clientCertificate: string;
  clientKey: string;
}

/** `existingUser`: a user of the file that others put there. */
export type KubeconfigEntry = AdministratorEntry | (ClusterAddress & { existingUser: string });

interface Named {
  name: string;
}

interface Kubeconfig {
  apiVersion?: string;
  kind?: string;
  clusters?: Named[] | null;
  contexts?: (Named & { context?: { cluster?: string; user?: string } })[] | null;
  users?: Named[] | null;
  'current-context'?: string;
  [field: string]: unknown;
}

/** The file's text with the entry added or replaced and made current; everything else stays. Pure. */
export function mergeKubeconfig(text: string | undefined, entry: KubeconfigEntry, path: string): string {
  const config = parseKubeconfig(text, path);
  const base64 = (pem: string) => Buffer.from(pem).toString('base64');
  const cluster = {
    'certificate-authority-data': base64(entry.certificateAuthority),
    server: entry.server,
    ...(entry.tlsServerName === undefined ? {} : { 'tls-server-name': entry.tlsServerName }),
  };
  const { name } = entry;
  const known = 'existingUser' in entry ? entry.existingUser : undefined;
  const user = 'existingUser' in entry ? undefined : { 'client-certificate-data': base64(entry.clientCertificate), 'client-key-data': base64(entry.clientKey) };
  return formatYaml({
    ...config,
    apiVersion: config.apiVersion ?? 'v1',
    kind: config.kind ?? 'Config',
    clusters: replaceNamed(config.clusters, { name, cluster }),
    contexts: replaceNamed(config.contexts, { name, context: { cluster: name, user: known ?? name } }),
    'current-context': name,
    users: user ? replaceNamed(config.users, { name, user }) : (config.users ?? []),
  });
}

/** The file's text without the cluster's entries, or undefined when it had none. Pure. */
export function removeFromKubeconfig(text: string | undefined, name: string, path: string): string | undefined {
  const config = parseKubeconfig(text, path);
  const lists = ['clusters', 'contexts', 'users'] as const;
  const had = lists.some((list) => config[list]?.some((item) => item.name === name)) || config['current-context'] === name;
  if (!had) return undefined;
  const rest = Object.fromEntries(lists.map((list) => [list, (config[list] ?? []).filter((item) => item.name !== name)]));
  const current = config['current-context'] === name ? '' : config['current-context'];
  return formatYaml({ ...config, ...rest, ...(current === undefined ? {} : { 'current-context': current }) });
}

export function currentContext(text: string | undefined, path: string): string | undefined {
  return parseKubeconfig(text, path)['current-context'] || undefined;
}

/** The cluster that a context of this file is of. */
export function clusterOfContext(text: string | undefined, context: string, path: string): string | undefined {
  return parseKubeconfig(text, path).contexts?.find((one) => one.name === context)?.context?.cluster || undefined;
}

/** Where kubectl looks: the files of $KUBECONFIG in order, else ~/.kube/config. The first is written to. */
export function kubeconfigPaths(variables: Readonly<Record<string, string | undefined>>, separator = process.platform === 'win32' ? ';' : ':'): string[] {
  const named = (variables.KUBECONFIG ?? '').split(separator).filter((path) => path !== '');
  if (named.length > 0) return named;
  const home = variables.HOME ?? variables.USERPROFILE;
  if (home) return [`${home}/.kube/config`];
  throw new KopsError('there is no place for the kubeconfig: neither KUBECONFIG nor HOME is set', { code: 'NO_HOME', exit: 'usage', suggestions: ['Set KUBECONFIG to a file.'] });
}

function parseKubeconfig(text: string | undefined, path: string): Kubeconfig {
  const value = text === undefined || text.trim() === '' ? {} : parseYaml(text, path);
  if (isPlainObject(value) && [value.clusters, value.contexts, value.users].every((list) => list === undefined || list === null || Array.isArray(list))) return value as Kubeconfig;
  throw new KopsError(`${path} is not a kubeconfig: it was left as it is`, {
    code: 'INVALID_KUBECONFIG',
    exit: 'invalid',
    object: path,
    suggestions: [`Repair or move ${path}, or set KUBECONFIG to another file.`],
  });
}

function replaceNamed<T extends Named>(list: readonly Named[] | null | undefined, item: T): Named[] {
  const old = list ?? [];
  return old.some((other) => other.name === item.name) ? old.map((other) => (other.name === item.name ? item : other)) : [...old, item];
}
