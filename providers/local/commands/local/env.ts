import { Flags } from '@oclif/core';
import { LocalCommand } from '../../local-command.ts';
import { bypassesProxy, exportLines, objectStorageRegion, unsetLine } from '../../shell-variables.ts';

export default class LocalEnv extends LocalCommand {
  static override summary = "Print what a shell needs to use the local cloud's object storage as S3: endpoint, region, keys.";
  static override description =
    `For kops-ts and kops (S3_…), and for the AWS CLI and SDKs (AWS_…): they all find the buckets of this home, and nothing of them reaches AWS. Starts the local cloud when it does not run; it then runs as long as it has buckets or clusters, or until \`local stop\`.
The AWS keys of the shell are replaced: take another shell for AWS, or undo it with --unset.`;
  static override examples = [
    'eval "$(<%= config.bin %> local env)"',
    'aws s3api create-bucket --bucket kops-state --region us-east-1',
    '<%= config.bin %> create cluster demo.k8s.local --cloud local --zones us-east-1a --state s3://kops-state',
    'eval "$(<%= config.bin %> local env --unset)"',
  ];
  static override flags = {
    output: Flags.option({ char: 'o', options: ['sh', 'json'] as const, default: 'sh' as const, summary: 'Output format: lines for a shell, or one document.' })(),
    unset: Flags.boolean({ summary: 'Print what takes it out of a shell again.', exclusive: ['output'] }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(LocalEnv);
    if (flags.unset) return this.print(unsetLine());
    const access = await this.withDaemon((client) => client.objectStorage());
    if (flags.output === 'json') return this.print(`${JSON.stringify({ ...access, region: objectStorageRegion }, undefined, 2)}\n`);
    this.print(exportLines(access));
    if (!bypassesProxy(this.variables)) this.note('A proxy is configured: add 127.0.0.1 to no_proxy, or the AWS CLI asks the proxy for the buckets.');
  }
}
