import { Args, Flags } from '@oclif/core';
import { BaseCommand, usage } from '../../cli/base-command.ts';
import { costFlags, outputFlag } from '../../cli/flags.ts';
import type { CostFormat } from '../../cli/views/cluster-cost-view.ts';
import type { UserSpecs } from '../../spec/complete.ts';
import type { Cluster, InstanceGroup } from '../../spec/types.ts';

export default class GetCost extends BaseCommand {
  static override summary = 'Show what a cluster costs by resource and instance group, and what it would cost if.';
  static override description = `From spec, machine types and prices alone: no call of the cloud, no credentials, unless the spec names existing things whose blocks are open.
What runs is compared by update cluster. -o json has the form of infracost's JSON, for the tools that read it; what that form has no place for stands under estimate.
A usage file holds quantities of a month: natGatewayGb, interZoneGb, internetGb, loadBalancerCapacityUnits and others; see README.`;
  static override examples = [
    '<%= config.bin %> get cost demo.k8s.local',
    '<%= config.bin %> get cost --what-if spot,arm64,spot+arm64,ha,single-nat,region=eu-west-1,gp3',
    '<%= config.bin %> get cost -f cluster.yaml --usage medium -o markdown',
    '<%= config.bin %> get cost -o json | jq -r .totalMonthlyCost',
  ];
  static override args = { cluster: Args.string({ description: 'Name of the cluster' }) };
  static override flags = {
    filename: Flags.string({
      char: 'f',
      summary: 'A file with the Cluster and its InstanceGroups, in place of a stored one; - reads standard input.',
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'FILE',
    }),
    output: outputFlag(['table', 'json', 'yaml', 'csv', 'markdown']),
    'what-if': Flags.string({
      summary: 'Scenarios to compare: spot, arm64, ha, single-nat, region=REGION, gp3; with + several changes in one.',
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      helpValue: 'SCENARIO[,SCENARIO…]',
    }),
    ...costFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(GetCost);
    await this.withOperator(flags, async (operator) => {
      const [{ costOptions }, { parseScenarios }, { getCost }] = await Promise.all([
        import('../../cli/cost-options.ts'),
        import('../../cost/what-if/what-if.ts'),
        import('../../operations/get-cost.ts'),
      ]);
      const scenarios = parseScenarios(flags['what-if'] ?? []);
      const options = { ...(await costOptions(flags)), scenarios };
      const subject = flags.filename ? await this.specsOf(flags.filename, args.cluster) : await this.clusterName(operator, args.cluster, flags.name);
      const found = await getCost(operator, subject, options);
      const [{ clusterCostText }, { timestamp }, { requireWithinBudget }] = await Promise.all([
        import('../../cli/views/cluster-cost-view.ts'),
        import('../../lib/clock.ts'),
        import('../../operations/budget.ts'),
      ]);
      this.print(clusterCostText(found, flags.output as CostFormat, timestamp(operator.environment.clock)));
      requireWithinBudget(found.cluster, found.cost);
    });
  }
  /** One cluster, as its file has it: nothing is stored. */
  private async specsOf(files: readonly string[], name: string | undefined): Promise<UserSpecs> {
    const { readObjects } = await import('../../cli/read-input.ts');
    const objects = await readObjects(files);
    const [cluster, ...others] = objects.flatMap((object) => (object.kind === 'Cluster' ? [object as Cluster] : []));
    if (!cluster || others.length > 0 || (name !== undefined && name !== cluster.metadata.name))
      throw usage(`${files.join(', ')} must hold one Cluster${name === undefined ? '' : `, ${name},`} and its InstanceGroups`, [
        'kops-ts create cluster … --dry-run -o yaml writes such a file.',
      ]);
    return { cluster, instanceGroups: objects.flatMap((object) => (object.kind === 'InstanceGroup' ? [object as InstanceGroup] : [])) };
  }
}
