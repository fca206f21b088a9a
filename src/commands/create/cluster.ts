import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { createFlags, createOptions } from '../../cli/create-options.ts';
import { KopsError } from '../../lib/errors.ts';
import type { Operator } from '../../operations/operator.ts';

export default class CreateCluster extends BaseCommand {
  static override summary = 'Create a cluster: store its specs, show what it takes and costs; with --yes build it.';
  static override examples = [
    '<%= config.bin %> create cluster demo.k8s.local --zones local-1a,local-1b,local-1c --yes --wait 60s',
    '<%= config.bin %> create cluster demo.k8s.local --cloud local --zones us-east-1a --node-count 1 --node-size t2.micro',
    '<%= config.bin %> create cluster demo.example.com --zones us-east-1a,us-east-1b,us-east-1c --topology private --bastion --dry-run -o yaml',
  ];
  static override args = { cluster: Args.string({ description: 'Name of the cluster, a DNS name: demo.k8s.local' }) };
  static override usage = 'create cluster [CLUSTER] --zones ZONE[,ZONE…] [FLAGS]';
  static override flags = createFlags;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(CreateCluster);
    const waitMs = this.duration('wait', flags.wait);
    await this.withOperator(flags, async (operator) => {
      const name = await this.clusterName(operator, args.cluster, flags.name, { explicit: true });
      const { createCluster } = await import('../../operations/create-cluster.ts');
      const sshPublicKey = await this.readFile(flags['ssh-public-key']);
      const made = await createCluster(operator, createOptions(name, flags, { sshPublicKey, facts: await this.readFile(flags.facts) }));
      if (flags['dry-run']) {
        const { formatObjects } = await import('../../cli/views/objects.ts');
        const { sshCredential } = await import('../../operations/ssh-public-keys.ts');
        const keys = sshPublicKey === undefined ? [] : [sshCredential(name, sshPublicKey)];
        this.print(formatObjects([made.cluster, ...made.instanceGroups, ...keys], flags.output === 'json' ? 'json' : 'yaml'));
        return;
      }
      const { afterCreate } = await import('../../cli/views/next-steps.ts');
      const priceAs = flags['price-as'] === undefined ? {} : { priceAs: flags['price-as'] };
      if (flags.yes) await this.build(operator, name, priceAs, waitMs);
      else {
        const { previewUpdate } = await import('../../operations/update-cluster.ts');
        const { renderPlannedUpdate } = await import('../../cli/views/update-view.ts');
        const { plan, cost } = await previewUpdate(operator, name, { ...priceAs, fresh: true });
        this.print(`${renderPlannedUpdate(plan, cost)}\n${afterCreate(made)}`);
      }
    });
  }

  private async build(operator: Operator, name: string, priceAs: { priceAs?: string }, waitMs: number | undefined): Promise<void> {
    const { runUpdate } = await import('../../cli/run-update.ts');
    const { afterApply } = await import('../../cli/views/next-steps.ts');
    try {
      await runUpdate(operator, name, { ...priceAs, kubeconfig: true }, (text) => this.print(text));
      if (waitMs !== undefined) {
        const { waitUntilReady } = await import('../../operations/validate-cluster.ts');
        await waitUntilReady(operator, name, waitMs);
      }
    } catch (error) {
      // The cluster is stored by now: creating it again would be refused.
      throw operator.environment.signal.aborted
        ? new KopsError(`creating ${name} was cancelled`, {
            code: 'CANCELLED',
            exit: 'cancelled',
            object: name,
            suggestions: [`kops-ts update cluster ${name} --yes goes on where it stopped.`],
          })
        : error;
    }
    this.print(afterApply(name, { ready: waitMs !== undefined }));
  }

  private async readFile(file: string | undefined): Promise<string | undefined> {
    if (file === undefined) return undefined;
    const { readInput } = await import('../../cli/read-input.ts');
    return readInput(file);
  }
}
