import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { listFlag } from '../../cli/flags.ts';
import { instanceFlags, machineWishes } from '../../cli/instance-selector-options.ts';

export default class ToolboxInstanceSelector extends BaseCommand {
  static override summary = 'Find machine types by CPUs, memory, architecture and price, cheapest first; or print an instance group of them.';
  static override hiddenAliases = ['toolbox:is'];
  static override examples = [
    '<%= config.bin %> toolbox instance-selector --vcpus 4 --memory-min 16',
    '<%= config.bin %> toolbox instance-selector --vcpus-min 2 --price-max 0.10 --cpu-architecture arm64 --region eu-central-1',
    '<%= config.bin %> toolbox instance-selector workers --vcpus 4 --memory 16 --dry-run -o yaml --name demo.k8s.local',
  ];
  static override args = { instancegroup: Args.string({ description: 'Name of the instance group to print' }) };
  static override flags = {
    ...instanceFlags,
    cloud: Flags.string({ summary: 'Whose machine types, when no cluster is named.', default: 'aws' }),
    region: Flags.string({ summary: 'Where prices are taken from, when no cluster is named.' }),
    output: Flags.string({ char: 'o', summary: 'How to print.', options: ['table', 'json', 'yaml'], default: 'table' }),
    'dry-run': Flags.boolean({ summary: 'Print an instance group of what was found (-o yaml or json).' }),
    'usage-class': Flags.string({ summary: 'How that group buys machines.', options: ['on-demand', 'spot'], default: 'on-demand' }),
    'node-count-min': Flags.integer({ summary: 'Least number of its machines.', default: 1, min: 0 }),
    'node-count-max': Flags.integer({ summary: 'Greatest number of its machines.', default: 10, min: 0 }),
    subnets: listFlag('Subnets of that group.'),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ToolboxInstanceSelector);
    const wishes = machineWishes(flags);
    await this.withOperator(flags, async (operator) => {
      const { mixedInstanceGroup, selectMachineTypes } = await import('../../operations/select-machine-types.ts');
      const cluster = flags.name ?? operator.environment.variables.KOPS_CLUSTER_NAME;
      const place = cluster === undefined ? { cloud: flags.cloud, ...(flags.region === undefined ? {} : { region: flags.region }) } : { cluster };
      const choice = await selectMachineTypes(operator, place, wishes);
      if (args.instancegroup === undefined) {
        const { machineTypesText } = await import('../../cli/views/machine-types.ts');
        if (choice.machines.length === 0) this.note('No machine type fits.');
        else this.print(machineTypesText(choice, flags.output));
        return;
      }
      const { formatObjects } = await import('../../cli/views/objects.ts');
      const group = mixedInstanceGroup(args.instancegroup, choice.machines, {
        ...(cluster === undefined ? {} : { cluster }),
        subnets: flags.subnets ?? [],
        minSize: flags['node-count-min'],
        maxSize: flags['node-count-max'],
        spot: flags['usage-class'] === 'spot',
      });
      this.print(formatObjects([group], flags.output === 'json' ? 'json' : 'yaml', true));
      if (!flags['dry-run']) this.note('Nothing is stored: write it to a file and use kops-ts create -f FILE.');
    });
  }
}
