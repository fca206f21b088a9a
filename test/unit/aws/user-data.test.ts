import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { awsUserData } from '../../../providers/aws/bootstrap/user-data.ts';
import type { InstanceGroup } from '../../../src/spec/types.ts';
import { bootInput } from './boot-input.ts';

const extra = { name: 'motd.txt', type: 'text/cloud-config', content: '#cloud-config\nmotd: "grüß Gott"\n' };
const script = { name: 'swap.sh', type: 'text/x-shellscript', content: '#!/bin/bash\nswapoff -a\n' };

const cases: Record<string, { group: string; input: ReturnType<typeof bootInput> }> = {
  'control-plane': { group: 'control-plane-us-east-1a', input: bootInput() },
  node: { group: 'nodes-us-east-1a', input: bootInput() },
  'additional-user-data': { group: 'nodes-us-east-1a', input: bootInput({ nodes: { additionalUserData: [extra, script] } }) },
  bastion: { group: 'bastions', input: bootInput({ bastions: { additionalUserData: [script] } }) },
  proxy: { group: 'nodes-us-east-1a', input: bootInput({ cluster: { egressProxy: { httpProxy: { host: 'proxy.example.com', port: 3128 }, excludes: 'intern.example.com' } } }) },
  'base-url': {
    group: 'nodes-us-east-1a',
    input: bootInput({ software: { url: 'https://files.example.com/kops-ts/kops-ts-0.1.0-0f0f0f0f.tgz', nodeMirror: 'https://files.example.com/dist' } }),
  },
};

describe('user data of EC2 instances', () => {
  it.each(Object.entries(cases))('%s', async (name, { group, input }) => {
    const text = awsUserData(input)[group];
    await expect(text).toMatchFileSnapshot(join(import.meta.dirname, `../../golden/user-data/${name}.txt`));
    if (text?.startsWith('#!')) expect(bash(['-n'], text)).toEqual({ status: 0, stderr: '' });
  });

  it('bastions have none of their own', () => {
    expect(Object.keys(awsUserData(bootInput())).sort()).toEqual(['control-plane-us-east-1a', 'nodes-us-east-1a']);
  });

  it('compressed, the same script is packed into one that unpacks it', () => {
    const plain = awsUserData(bootInput())['nodes-us-east-1a'] ?? '';
    const packed = awsUserData(bootInput({ nodes: { compressUserData: true } }))['nodes-us-east-1a'] ?? '';
    expect(packed.length).toBeLessThan(plain.length * 0.7);
    expect(bash(['-n'], packed)).toEqual({ status: 0, stderr: '' });
    const inner = gunzipSync(Buffer.from(/SCRIPT' .*\n([\s\S]*)\nEND_OF_SCRIPT/.exec(packed)?.[1] ?? '', 'base64')).toString();
    expect(inner).toBe(plain);
  });

  it('multipart boundaries and names stay what they are whatever the parts hold', () => {
    const nasty = { name: 'a"\r\nX-Evil: 1', type: 'text/x-shellscript', content: '--MIMEBOUNDARY\n--MIMEBOUNDARY--\n' };
    const text = awsUserData(bootInput({ bastions: { additionalUserData: [nasty] } })).bastions ?? '';
    expect(text).toContain('boundary="MIMEBOUNDARY1"');
    expect(text).not.toMatch(/^X-Evil/m);
  });

  it('values of the spec cannot leave their quotes', () => {
    const host = "p'; touch /tmp/owned; '";
    const text = awsUserData(bootInput({ cluster: { egressProxy: { httpProxy: { host } } } }))['nodes-us-east-1a'] ?? '';
    const line = text.split('\n').find((candidate) => candidate.startsWith('export http_proxy=')) ?? '';
    expect(spawnSync('bash', ['-c', `${line}; printf %s "$http_proxy"`]).stdout.toString()).toBe(`http://${host}`);
  });

  it('what EC2 would not take is refused with the name of the group, its size and a way out', () => {
    const huge = { ...script, content: `#!/bin/bash\n${'x'.repeat(17_000)}` };
    const attempt = (nodes: Partial<InstanceGroup['spec']>) => () => awsUserData(bootInput({ nodes }));
    expect(attempt({ additionalUserData: [huge] })).toThrow(
      expect.objectContaining({
        code: 'USER_DATA_TOO_LARGE',
        exitCode: 3,
        object: 'nodes-us-east-1a',
        message: expect.stringMatching(/^the user data of instance group nodes-us-east-1a has \d{5} bytes, EC2 takes 16384$/),
        suggestions: [expect.stringContaining('spec.compressUserData=true'), expect.any(String)],
      }),
    );
    expect(attempt({ additionalUserData: [{ ...script, content: 'x'.repeat(6_000) }] })).not.toThrow();
  });
});

function bash(args: string[], input: string): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync('bash', args, { input });
  return { status, stderr: stderr.toString() };
}
