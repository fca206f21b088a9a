import type { ApiEndpoint, Provider } from '../cloud/provider.ts';
import { isKopsError, KopsError } from '../lib/errors.ts';
import { adminRequest } from '../pki/certificate-requests.ts';
import { authorityOf, type Keyset, keysetNames, trustBundle } from '../pki/keyset.ts';
import { notApplied, openStoredCluster } from './cluster-context.ts';
import type { AdministratorEntry, ClusterAddress, KubeconfigEntry } from './kubeconfig.ts';
import { addToKubeconfigFile } from './kubeconfig-file.ts';
import type { Operator } from './operator.ts';
import { readKeysets } from './stored-clusters.ts';

/** Whom a kubeconfig lets in, and by which address. */
export interface AccessOptions {
  /** How long the new administrator's certificate is valid. A year when absent. */
  validMs?: number;
  /** A user the kubeconfig has already, in place of a new administrator. */
  user?: string;
  /** The address that the cluster's own network uses. */
  internal?: boolean;
  /** This address, whatever the cloud says. */
  server?: string;
}

export interface ExportOptions extends AccessOptions {
  /** Another file than the user's own. */
  file?: string;
  /** The cloud, where it is open already. */
  provider?: Provider;
}

/** Writes the way into the cluster, with a new administrator's certificate unless a user is named, and makes it the current context. Throws CLUSTER_NOT_APPLIED. */
export async function exportKubeconfig(operator: Operator, name: string, options: ExportOptions = {}): Promise<{ path: string; entry: KubeconfigEntry }> {
  const entry = options.provider
    ? await kubeconfigEntry(operator, name, options.provider, options)
    : await openStoredCluster(operator, name, (provider) => kubeconfigEntry(operator, name, provider, options));
  return { path: await addToKubeconfigFile(entry, operator.environment, options.file), entry };
}

async function kubeconfigEntry(operator: Operator, name: string, provider: Provider, options: AccessOptions): Promise<KubeconfigEntry> {
  if (options.user === undefined) return administratorEntry(operator, name, provider, options);
  const { address } = await locate(operator, name, provider, options);
  return { ...address, existingUser: options.user };
}

/** How to reach the cluster's API as its administrator. */
export async function administratorEntry(operator: Operator, name: string, provider: Provider, options: AccessOptions = {}): Promise<AdministratorEntry> {
  const { address, keyset } = await locate(operator, name, provider, options);
  const { environment } = operator;
  const { USER, USERNAME } = environment.variables;
  const issued = await authorityOf(keyset, environment).issue(adminRequest(USER ?? USERNAME ?? 'admin', options.validMs));
  return { ...address, clientCertificate: issued.certificatePem, clientKey: issued.privateKeyPem };
}

/** Where the API is, and who vouches for it. Throws CLUSTER_NOT_APPLIED, KEYSET_MISSING. */
async function locate(operator: Operator, name: string, provider: Provider, options: AccessOptions): Promise<{ address: ClusterAddress; keyset: Keyset }> {
  const endpoint = await provider.apiEndpoint(name);
  if (!endpoint) throw notApplied(name);
  const keyset = (await readKeysets(operator, name))[keysetNames.certificateAuthority];
  if (!keyset) throw new KopsError(`cluster ${name} has no certificate authority in the state store`, { code: 'KEYSET_MISSING', exit: 'notFound', object: name });
  return { address: { name, ...serverOf(name, endpoint, options), certificateAuthority: trustBundle(keyset) }, keyset };
}

/** The API's certificate has its internal name, whatever address is dialled. */
function serverOf(name: string, endpoint: ApiEndpoint, { internal, server }: AccessOptions): { server: string; tlsServerName?: string } {
  const internalName = `api.internal.${name}`;
  if (server !== undefined) return { server, tlsServerName: internalName };
  if (internal) return endpoint.internalUrl === undefined ? { server: `https://${internalName}` } : { server: endpoint.internalUrl, tlsServerName: internalName };
  return { server: endpoint.url, ...(endpoint.tlsServerName === undefined ? {} : { tlsServerName: endpoint.tlsServerName }) };
}

/** Every stored cluster that runs. */
export async function exportAll(operator: Operator, options: AccessOptions & { file?: string }): Promise<{ path: string; entry: KubeconfigEntry }[]> {
  const exported: { path: string; entry: KubeconfigEntry }[] = [];
  const { clusters } = await operator.store.listClusters();
  for (const { metadata } of clusters) {
    try {
      exported.push(await exportKubeconfig(operator, metadata.name, options));
    } catch (error) {
      if (!isKopsError(error, 'CLUSTER_NOT_APPLIED')) throw error;
      operator.onEvent({ type: 'warning', message: error.message });
    }
  }
  return exported;
}
