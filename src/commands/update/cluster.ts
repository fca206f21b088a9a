import { Args, Flags } from '@oclif/core';
import { accessFlags, accessOptions } from '../../cli/access-flags.ts';
import { BaseCommand, usage } from '../../cli/base-command.ts';
import { costFlags, listFlag, outputFlag, progressFlag, yesFlag } from '../../cli/flags.ts';
import { givenFlags, terraformFlags, terraformFolder, writeTerraform } from '../../cli/terraform-flags.ts';
import { exitCodes } from '../../lib/errors.ts';
import type { Operator } from '../../operations/operator.ts';
import type { ApplyOptions, UpdateOptions } from '../../operations/update-cluster.ts';
import { pendingChanges } from '../../plan/plan.ts';

const scopeFlags = ['prune', 'instance-group', 'instance-group-roles', 'lifecycle-overrides', 'phase'];

export default class UpdateCluster extends BaseCommand {
  static override summary = 'Show what must change for the cloud to be as the specs say, and what it costs; with --yes change it.';
  static override description = `Running machines keep what they have until they are replaced. What is in no spec any more stays until --prune.
-o json prints one document (kops-ts/plan/v1) with hash, actions, leftovers and cost, with --yes also the result; the same input gives the same bytes.`;
  static override examples = [
    '<%= config.bin %> update cluster demo.k8s.local',
    '<%= config.bin %> update cluster demo.k8s.local --yes',
    '<%= config.bin %> update cluster -o json',
    '<%= config.bin %> update cluster --plan-out plan.json && <%= config.bin %> update cluster --plan plan.json --yes',
    '<%= config.bin %> update cluster --instance-group nodes-local-1a --yes',
    '<%= config.bin %> update cluster --phase network --yes && <%= config.bin %> update cluster --phase security --yes',
    '<%= config.bin %> update cluster demo.example.com --target terraform --out demo',
    '<%= config.bin %> update cluster --yes --admin=1h',
  ];
  static override args = { cluster: Args.string({ description: 'Name of the cluster' }) };
  static override flags = {
    yes: yesFlag,
    output: outputFlag(['text', 'json'], 'text'),
    progress: progressFlag,
    prune: Flags.boolean({ summary: 'Also delete what is in no spec any more.' }),
    'instance-group': listFlag('Only these instance groups, and what belongs to none. All when absent.'),
    'instance-group-roles': listFlag('Only instance groups with these roles: control-plane, node.'),
    'lifecycle-overrides': Flags.string({
      summary: 'Leave kinds of resources to somebody else: Network=ExistsAndValidates,KeyPair=Ignore. Also KOPS_LIFECYCLE_OVERRIDES.',
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      env: 'KOPS_LIFECYCLE_OVERRIDES',
      helpValue: 'KIND=LIFECYCLE',
    }),
    phase: Flags.string({
      summary: 'Only one part, where people share the work: network, then security (who may do what), then cluster (machines, load balancers, DNS). Earlier parts must exist.',
      options: ['network', 'security', 'cluster'],
    }),
    'plan-out': Flags.string({ summary: 'Without --yes: also write the plan to this file.', helpValue: 'FILE', exclusive: ['yes', 'plan'] }),
    plan: Flags.string({ summary: 'Do what this plan says, and nothing when that is not what an update would do now.', helpValue: 'FILE' }),
    'detailed-exitcode': Flags.boolean({ summary: 'Without --yes: exit with 2 when there are changes.' }),
    'create-kube-config': Flags.boolean({ summary: 'Write the kubeconfig after applying.', default: true, allowNo: true }),
    ...accessFlags,
    ...costFlags,
    ...terraformFlags,
  };

  async run(): Promise<void> {
    const { args, flags, raw } = await this.parse(UpdateCluster);
    const given = givenFlags(raw).find((flag) => scopeFlags.includes(flag));
    const folder = terraformFolder(flags, givenFlags(raw), [...scopeFlags, 'output', 'plan', 'plan-out', 'detailed-exitcode', 'max-increase']);
    if (flags.plan !== undefined && given !== undefined) throw usage(`--${given} cannot change what the plan ${flags.plan} says`, ['Make a new plan with it: --plan-out FILE']);
    await this.withOperator(flags, async (operator) => {
      const { updateOptions } = await import('../../cli/update-options.ts');
      const options = await updateOptions(flags);
      const named = args.cluster ?? flags.name;
      if (options.saved && named !== undefined && named !== options.saved.cluster)
        throw usage(`${flags.plan} is a plan of ${options.saved.cluster}, not of ${named}`, ['Name none, or that one.']);
      const name = options.saved?.cluster ?? (await this.clusterName(operator, args.cluster, flags.name));
      const access = accessOptions(flags, this.duration('admin', flags.admin));
      if (folder !== undefined) this.print(await writeTerraform(operator, name, folder, options).catch((error: unknown) => this.explainBudget(error, false)));
      else if (flags.yes) await this.apply(operator, name, { ...options, json: flags.output === 'json', kubeconfig: flags['create-kube-config'], ...(access ? { access } : {}) });
      else if ((await this.preview(operator, name, options, { json: flags.output === 'json', file: flags['plan-out'] })) > 0 && flags['detailed-exitcode'])
        this.exit(exitCodes.changesPending);
    });
  }

  private async preview(operator: Operator, name: string, options: UpdateOptions, { json, file }: { json: boolean; file: string | undefined }): Promise<number> {
    const { previewUpdate } = await import('../../operations/update-cluster.ts');
    const views = await import('../../cli/views/update-view.ts');
    const { plan, cost } = await previewUpdate(operator, name, options).catch((error: unknown) => this.explainBudget(error, json));
    const changes = pendingChanges(plan).length;
    if (file !== undefined) await (await import('../../cli/write-output.ts')).writeOutput(file, views.plannedUpdateText(plan, cost));
    const next = `\nMust specify --yes to apply changes: ${views.applyCommand(name, plan.scope, { planFile: options.saved?.file ?? file, phase: options.phase, overrides: options.lifecycleOverrides ?? [] })}\n`;
    this.print(json ? views.plannedUpdateText(plan, cost) : `${views.renderPlannedUpdate(plan, cost)}${changes > 0 ? next : ''}`);
    (await import('../../operations/budget.ts')).requireWithinBudget(name, cost);
    (await import('../../plan/apply-plan.ts')).requireApplicable(plan);
    return changes;
  }

  private async apply(operator: Operator, name: string, options: ApplyOptions & { json: boolean }): Promise<void> {
    const { runUpdate } = await import('../../cli/run-update.ts');
    const { afterApply, afterPhase, afterUpdate } = await import('../../cli/views/next-steps.ts');
    const { plan, first } = await runUpdate(operator, name, options, (text) => this.print(text)).catch((error: unknown) => this.explainBudget(error, options.json));
    if (options.json || pendingChanges(plan).length === 0) return;
    const { phase } = options;
    if (phase === 'network' || phase === 'security') this.print(afterPhase(name, phase));
    else this.print(first ? afterApply(name, { ready: false }) : afterUpdate(name, { rolls: plan.actions.some((action) => action.action === 'roll') }));
  }
}
