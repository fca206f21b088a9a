import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, vi } from 'vitest';
import { AwsApi } from '../../../providers/aws/api/clients.ts';
import { realClock } from '../../../src/lib/clock.ts';
import { SeededRandom } from '../../../src/lib/random.ts';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const skipped = major > 24 || (major === 24 && minor >= 5) ? '' : ' (skipped: Node.js before 24.5 gives its agents no proxy)';

it.skipIf(skipped)(`calls of AWS go through the proxy of the environment${skipped}`, async () => {
  const seen: string[] = [];
  const proxy = createServer().on('connect', ({ url = '' }, socket) => {
    seen.push(url);
    socket.end('HTTP/1.1 503 Service Unavailable\r\n\r\n');
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  const aws = new AwsApi('eu-west-1', { clock: realClock, random: new SeededRandom(1), variables: { https_proxy: url, no_proxy: 'elsewhere' } });
  try {
    await expect((await aws.once('sts')).getCallerIdentity({})).rejects.toThrow('Failed to establish tunnel');
    expect(seen).toEqual(['sts.eu-west-1.amazonaws.com:443']);
  } finally {
    vi.unstubAllEnvs();
    await aws.close();
    proxy.close();
  }
});
