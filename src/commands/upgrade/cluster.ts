import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { outputFlag, yesFlag } from '../../cli/flags.ts';

export default class UpgradeCluster extends BaseCommand {
  static override summary = 'Show to which Kubernetes version a cluster can go, one minor version at a time; with --yes write it into its spec.';
  static override hiddenAliases = ['upgrade:clusters'];
  static override examples = [
    '<%= config.bin %> upgrade cluster demo.k8s.local',
    '<%= config.bin %> upgrade cluster demo.k8s.local --yes',
    '<%= config.bin %> upgrade cluster --kubernetes-version 1.36.0 --yes',
  ];
  static override args = { cluster: Args.string({ description: 'Name of the cluster' }) };
  static override flags = {
    yes: yesFlag,
    'kubernetes-version': Flags.string({ summary: 'This version, in place of the one that new clusters get.' }),
    channel: Flags.string({ summary: 'Channel of versions and images from now on.' }),
    output: outputFlag(['table', 'yaml', 'json']),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(UpgradeCluster);
    const { channel, 'kubernetes-version': kubernetesVersion, output } = flags;
    await this.withOperator(flags, async (operator) => {
      const name = await this.clusterName(operator, args.cluster, flags.name);
      const { upgradeCluster } = await import('../../operations/upgrade-cluster.ts');
      const { upgradeTable } = await import('../../cli/views/upgrade.ts');
      const { formatObjects } = await import('../../cli/views/objects.ts');
      const changes = await upgradeCluster(operator, name, {
        apply: flags.yes,
        ...(kubernetesVersion === undefined ? {} : { kubernetesVersion }),
        ...(channel === undefined ? {} : { channel }),
      });
      if (output === 'json' || output === 'yaml') this.print(formatObjects(changes, output));
      else if (changes.length > 0) this.print(upgradeTable(changes));
      if (changes.length === 0) this.note('No upgrade required');
      else if (flags.yes) this.note(`\nUpdates applied to configuration.\nYou can now apply these changes, using \`kops-ts update cluster ${name}\``);
      else this.note(`\nMust specify --yes to perform upgrade: kops-ts upgrade cluster ${name} --yes`);
    });
  }
}
