import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { createFlags, createOptions } from '../../cli/create-options.ts';
import { givenFlags, terraformFolder, writeTerraform } from '../../cli/terraform-flags.ts';
import { KopsError } from '../../lib/errors.ts';
import type { Operator } from '../../operations/operator.ts';
import type { PriceOptions } from '../../operations/price-plan.ts';
import type { UserSpecs } from '../../spec/complete.ts';

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
    const { args, flags, raw } = await this.parse(CreateCluster);
    const waitMs = this.duration('wait', flags.wait);
    const folder = terraformFolder(flags, givenFlags(raw), ['wait', 'dry-run', 'output']);
    await this.withOperator(flags, async (operator) => {
      const name = await this.clusterName(operator, args.cluster, flags.name, { explicit: true });
      const [{ createCluster }, { costOptions }] = await Promise.all([import('../../operations/create-cluster.ts'), import('../../cli/cost-options.ts')]);
      const prices = await costOptions(flags);
      const files = { sshPublicKey: await this.readFile(flags['ssh-public-key']), facts: await this.readFile(flags.facts), prices };
      const json = flags.output === 'json';
      const explain = (error: unknown) => (flags['dry-run'] ? Promise.reject(error) : this.explainBudget(error, json));
      const made = await createCluster(operator, createOptions(name, flags, files)).catch(explain);
      const { refreshPrices: _, ...options } = prices;
      if (flags['dry-run']) {
        const { formatObjects } = await import('../../cli/views/objects.ts');
        const { sshCredential } = await import('../../operations/ssh-public-keys.ts');
        const keys = files.sshPublicKey === undefined ? [] : [sshCredential(name, files.sshPublicKey)];
        this.print(formatObjects([made.cluster, ...made.instanceGroups, ...keys], json ? 'json' : 'yaml'));
      } else if (folder !== undefined) this.print(await writeTerraform(operator, name, folder));
      else if (flags.yes) await this.build(operator, name, { ...options, json }, waitMs);
      else await this.preview(operator, made, options, json);
    });
  }

  private async preview(operator: Operator, made: UserSpecs, options: PriceOptions, json: boolean): Promise<void> {
    const [{ previewUpdate }, views, { afterCreate }] = await Promise.all([
      import('../../operations/update-cluster.ts'),
      import('../../cli/views/update-view.ts'),
      import('../../cli/views/next-steps.ts'),
    ]);
    const { plan, cost } = await previewUpdate(operator, made.cluster.metadata.name, { ...options, fresh: true });
    this.print(json ? views.plannedUpdateText(plan, cost) : `${views.renderPlannedUpdate(plan, cost)}\n${afterCreate(made)}`);
  }

  private async build(operator: Operator, name: string, options: PriceOptions & { json: boolean }, waitMs: number | undefined): Promise<void> {
    const { runUpdate } = await import('../../cli/run-update.ts');
    const { afterApply } = await import('../../cli/views/next-steps.ts');
    try {
      await runUpdate(operator, name, { ...options, kubeconfig: true }, (text) => this.print(text));
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
    if (!options.json) this.print(afterApply(name, { ready: waitMs !== undefined }));
  }

  private async readFile(file: string | undefined): Promise<string | undefined> {
    if (file === undefined) return undefined;
    const { readInput } = await import('../../cli/read-input.ts');
    return readInput(file);
  }
}
