import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { listFlag } from '../../cli/flags.ts';
import type { Change } from '../../operations/edit-objects.ts';
import type { InstanceGroup, InstanceGroupRole } from '../../spec/types.ts';

/** kops' words, old and new, for the roles of the specs. */
const roles: Readonly<Record<string, InstanceGroupRole>> = { node: 'Node', 'control-plane': 'Master', master: 'Master', bastion: 'Bastion', apiserver: 'APIServer' };

export default class CreateInstanceGroup extends BaseCommand {
  static override summary = 'Create an instance group: opens an editor with it, then stores it. Its machines start with update cluster --yes.';
  static override hiddenAliases = ['create:ig', 'create:instancegroups'];
  static override examples = [
    '<%= config.bin %> create ig workers --name demo.k8s.local --subnet local-1a',
    '<%= config.bin %> create ig workers --role node --subnet local-1a,local-1b --edit=false',
    '<%= config.bin %> create ig workers --subnet local-1a --dry-run -o yaml',
  ];
  static override args = { instancegroup: Args.string({ description: 'Name of the instance group', required: true }) };
  static override flags = {
    role: Flags.string({ summary: 'What its machines are.', options: [...Object.keys(roles)], default: 'node', parse: async (text) => text.toLowerCase() }),
    subnet: listFlag('Subnets its machines are in.', { aliases: ['subnets'] }),
    zone: listFlag('Zones in place of subnets.'),
    edit: Flags.boolean({ summary: 'Open an editor first.', default: true, allowNo: true }),
    'dry-run': Flags.boolean({ summary: 'Print the instance group (-o yaml or json), store nothing.' }),
    output: Flags.string({ char: 'o', summary: 'How --dry-run prints.', options: ['yaml', 'json'], default: 'yaml' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(CreateInstanceGroup);
    await this.withOperator(flags, async (operator) => {
      const cluster = await this.clusterName(operator, undefined, flags.name);
      const { checkNewGroup, createInstanceGroup } = await import('../../operations/create-instance-group.ts');
      const options = { role: roles[flags.role] ?? 'Node', subnets: flags.subnet ?? [], zones: flags.zone ?? [], dryRun: flags['dry-run'] };
      const create = (change?: Change<InstanceGroup>) => createInstanceGroup(operator, cluster, args.instancegroup, { ...options, ...(change ? { change } : {}) });
      const { applyChange } = await import('../../cli/change-of.ts');
      const byHand = flags.edit && !flags['dry-run'];
      const group = byHand ? await applyChange<InstanceGroup, InstanceGroup>(operator, {}, (edited) => checkNewGroup(operator, cluster, edited), create) : await create();
      if (flags['dry-run']) {
        const { formatObjects } = await import('../../cli/views/objects.ts');
        this.print(formatObjects([group], flags.output === 'json' ? 'json' : 'yaml', true));
      } else {
        this.note(`Created instance group ${args.instancegroup} of ${cluster}; its machines do not run yet.\nTry this: kops-ts update cluster ${cluster}`);
      }
    });
  }
}
