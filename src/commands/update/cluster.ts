import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { outputFlag, priceAsFlag, yesFlag } from '../../cli/flags.ts';
import { exitCodes } from '../../lib/errors.ts';
import type { Operator } from '../../operations/operator.ts';
import { pendingChanges } from '../../plan/plan.ts';

export default class UpdateCluster extends BaseCommand {
  static override summary = 'Show what must change for the cloud to be as the specs say, and what it costs; with --yes change it.';
  static override examples = [
    '<%= config.bin %> update cluster demo.k8s.local',
    '<%= config.bin %> update cluster demo.k8s.local --yes',
    '<%= config.bin %> update cluster -o json',
  ];
  static override args = { cluster: Args.string({ description: 'Name of the cluster' }) };
  static override flags = {
    yes: yesFlag,
    output: outputFlag(['text', 'json'], 'text'),
    'detailed-exitcode': Flags.boolean({ summary: 'Without --yes: exit with 2 when there are changes.' }),
    'create-kube-config': Flags.boolean({ summary: 'Write the kubeconfig after applying.', default: true, allowNo: true }),
    admin: Flags.boolean({ summary: 'Accepted as in kops: the kubeconfig always has an administrator.', hidden: true }),
    'price-as': priceAsFlag,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(UpdateCluster);
    await this.withOperator(flags, async (operator) => {
      const name = await this.clusterName(operator, args.cluster, flags.name);
      const options = { json: flags.output === 'json', kubeconfig: flags['create-kube-config'], ...(flags['price-as'] === undefined ? {} : { priceAs: flags['price-as'] }) };
      if (flags.yes) await this.apply(operator, name, options);
      else if ((await this.preview(operator, name, options)) > 0 && flags['detailed-exitcode']) this.exit(exitCodes.changesPending);
    });
  }

  private async preview(operator: Operator, name: string, options: { json: boolean; priceAs?: string }): Promise<number> {
    const { previewUpdate } = await import('../../operations/update-cluster.ts');
    const views = await import('../../cli/views/update-view.ts');
    const { plan, cost } = await previewUpdate(operator, name, options);
    const changes = pendingChanges(plan).length;
    if (options.json) this.print(views.plannedUpdateText(plan, cost));
    else this.print(`${views.renderPlannedUpdate(plan, cost)}${changes > 0 ? `\nMust specify --yes to apply changes: kops-ts update cluster ${name} --yes\n` : ''}`);
    return changes;
  }

  private async apply(operator: Operator, name: string, options: { json: boolean; kubeconfig: boolean; priceAs?: string }): Promise<void> {
    const { runUpdate } = await import('../../cli/run-update.ts');
    const { afterApply, afterUpdate } = await import('../../cli/views/next-steps.ts');
    const { plan, first } = await runUpdate(operator, name, options, (text) => this.print(text));
    if (options.json || pendingChanges(plan).length === 0) return;
    this.print(first ? afterApply(name, { ready: false }) : afterUpdate(name, { rolls: plan.actions.some((action) => action.action === 'roll') }));
  }
}
