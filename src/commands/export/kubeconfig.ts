import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';

export default class ExportKubeconfig extends BaseCommand {
  static override summary = 'Write the way into a cluster to the kubeconfig and make it the current context.';
  static override hiddenAliases = ['export:kubecfg'];
  static override examples = ['<%= config.bin %> export kubeconfig demo.k8s.local', '<%= config.bin %> export kubeconfig demo.k8s.local --kubeconfig ./kubeconfig'];
  static override args = { cluster: Args.string({ description: 'Name of the cluster' }) };
  static override flags = {
    kubeconfig: Flags.string({ summary: 'File to write, in place of $KUBECONFIG or ~/.kube/config.', helpValue: 'FILE' }),
    admin: Flags.boolean({ summary: 'Accepted as in kops: the kubeconfig always has an administrator.', hidden: true }),
    all: Flags.boolean({ summary: 'All clusters of the state store that run.' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ExportKubeconfig);
    await this.withOperator(flags, async (operator) => {
      const { exportKubeconfig, exportAll } = await import('../../operations/export-kubeconfig.ts');
      const file = flags.kubeconfig === undefined ? {} : { file: flags.kubeconfig };
      const exported = flags.all ? await exportAll(operator, file) : [await exportKubeconfig(operator, await this.clusterName(operator, args.cluster, flags.name), file)];
      for (const { entry, path } of exported) this.note(`kubectl context ${entry.name} written to ${path}`);
    });
  }
}
