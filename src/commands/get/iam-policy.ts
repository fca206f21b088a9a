import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { outputFlag } from '../../cli/flags.ts';
import type { PermissionRole } from '../../cloud/provider.ts';

const roles: readonly PermissionRole[] = ['operator', 'control-plane', 'node'];

export default class GetIamPolicy extends BaseCommand {
  static override summary = 'Print the least policy that this cluster needs: for whoever works on it, or for its machines.';
  static override examples = ['<%= config.bin %> get iam-policy demo.example.com', '<%= config.bin %> get iam-policy demo.example.com --role node -o yaml'];
  static override args = { cluster: Args.string({ description: 'Name of the cluster' }) };
  static override flags = {
    role: Flags.option({ options: roles, default: 'operator' as const, summary: 'Whose policy.' })(),
    split: Flags.boolean({ summary: 'As a list of documents, none longer than the cloud takes in one policy.' }),
    output: outputFlag(['json', 'yaml'], 'json'),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(GetIamPolicy);
    await this.withOperator(flags, async (operator) => {
      const name = await this.clusterName(operator, args.cluster, flags.name);
      const { clusterPermissions } = await import('../../operations/permissions.ts');
      const policy = await clusterPermissions(operator, name, flags.role, { split: flags.split });
      if (flags.output === 'json') this.print(`${JSON.stringify(policy, null, 2)}\n`);
      else this.print((await import('../../lib/yaml.ts')).formatYaml(policy));
    });
  }
}
