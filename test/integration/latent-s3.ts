import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A bucket of clusters whose every answer takes a while; it counts what it is asked, and how much of it at once. */
export async function startLatentS3(clusters: number, latencyMs: number): Promise<{ endpoint: string; requests: string[]; mostAtOnce(): number; stop(): Promise<void> }> {
  const requests: string[] = [];
  let open = 0;
  let most = 0;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://bucket');
    requests.push(url.searchParams.has('list-type') ? 'ListObjectsV2' : `${request.method} ${url.pathname}`);
    most = Math.max(most, ++open);
    setTimeout(() => {
      open--;
      if (url.searchParams.has('list-type')) response.writeHead(200, { 'content-type': 'application/xml' }).end(listing(clusters));
      else response.writeHead(200, { etag: '"1"' }).end(cluster(url.pathname.split('/')[2] ?? ''));
    }, latencyMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, mostAtOnce: () => most, stop };
}

function listing(clusters: number): string {
  const folders = Array.from({ length: clusters }, (_, i) => `<CommonPrefixes><Prefix>c${String(i).padStart(3, '0')}.k8s.local/</Prefix></CommonPrefixes>`);
  return `<?xml version="1.0"?><ListBucketResult><IsTruncated>false</IsTruncated>${folders.join('')}</ListBucketResult>`;
}

function cluster(name: string): string {
  const subnets = ['a', 'b', 'c'].map((zone, i) => `  - cidr: 172.20.${i * 32}.0/19\n    name: us-east-1${zone}\n    type: Public\n    zone: us-east-1${zone}\n`);
  return `apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\nmetadata:\n  name: ${name}\nspec:\n  cloudProvider: aws\n  kubernetesVersion: 1.36.0\n  networkCIDR: 172.20.0.0/16\n  subnets:\n${subnets.join('')}`;
}
