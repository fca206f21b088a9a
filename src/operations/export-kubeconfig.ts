import type { Provider } from '../cloud/provider.ts';
import { isKopsError, KopsError } from '../lib/errors.ts';
import { adminRequest } from '../pki/certificate-requests.ts';
import { authorityOf, keysetNames, trustBundle } from '../pki/keyset.ts';
import { notApplied, openStoredCluster } from './cluster-context.ts';
import type { KubeconfigEntry } from './kubeconfig.ts';
import { addToKubeconfigFile } from './kubeconfig-file.ts';
import type { Operator } from './operator.ts';
import { readKeysets } from './stored-clusters.ts';

export interface ExportOptions {
  /** Another file than the user's own. */
  file?: string;
  /** The cloud, where it is open already. */
  provider?: Provider;
}

/** Writes the way into the cluster, with a new administrator's certificate for a year, and makes it the current context. Throws CLUSTER_NOT_APPLIED. */
export async function exportKubeconfig(operator: Operator, name: string, options: ExportOptions = {}): Promise<{ path: string; entry: KubeconfigEntry }> {
  const entry = options.provider
    ? await administratorEntry(operator, name, options.provider)
    : await openStoredCluster(operator, name, (provider) => administratorEntry(operator, name, provider));
  return { path: await addToKubeconfigFile(entry, operator.environment, options.file), entry };
}

/** How to reach the cluster's API as its administrator. */
export async function administratorEntry(operator: Operator, name: string, provider: Provider): Promise<KubeconfigEntry> {
  const endpoint = await provider.apiEndpoint(name);
  if (!endpoint) throw notApplied(name);
  const keyset = (await readKeysets(operator, name))[keysetNames.certificateAuthority];
  if (!keyset) throw new KopsError(`cluster ${name} has no certificate authority in the state store`, { code: 'KEYSET_MISSING', exit: 'notFound', object: name });
  const { environment } = operator;
  const issued = await authorityOf(keyset, environment).issue(adminRequest(environment.variables.USER ?? environment.variables.USERNAME ?? 'admin'));
  return {
    name,
    server: endpoint.url,
    ...(endpoint.tlsServerName === undefined ? {} : { tlsServerName: endpoint.tlsServerName }),
    certificateAuthority: trustBundle(keyset),
    clientCertificate: issued.certificatePem,
    clientKey: issued.privateKeyPem,
  };
}

/** Every stored cluster that runs. */
export async function exportAll(operator: Operator, options: { file?: string }): Promise<{ path: string; entry: KubeconfigEntry }[]> {
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
