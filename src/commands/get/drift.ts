import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { outputFlag } from '../../cli/flags.ts';
import { exitCodes } from '../../lib/errors.ts';

export default class GetDrift extends BaseCommand {
  static override summary = 'Compare spec, last update and cloud, and say whose doing each difference is; exits with 2 when there is one.';
  static override hiddenAliases = ['diff'];
  static override examples = ['<%= config.bin %> get drift demo.k8s.local', '<%= config.bin %> get drift -o json'];
  static override args = { cluster: Args.string({ description: 'Name of the cluster' }) };
  static override flags = { output: outputFlag(['text', 'json'], 'text') };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(GetDrift);
    await this.withOperator(flags, async (operator) => {
      const name = await this.clusterName(operator, args.cluster, flags.name);
      const { getDrift } = await import('../../operations/drift.ts');
      const { driftText, renderDrift } = await import('../../cli/views/drift-view.ts');
      const drift = await getDrift(operator, name);
      this.print(flags.output === 'json' ? driftText(drift) : renderDrift(drift));
      if (drift.differences.length > 0) this.exit(exitCodes.changesPending);
    });
  }
}
