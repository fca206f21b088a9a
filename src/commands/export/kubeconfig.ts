import { Args, Flags } from '@oclif/core';
import { accessFlags, accessOptions } from '../../cli/access-flags.ts';
import { BaseCommand } from '../../cli/base-command.ts';

export default class ExportKubeconfig extends BaseCommand {
  static override summary = 'Write the way into a cluster to the kubeconfig and make it the current context.';
  static override hiddenAliases = ['export:kubecfg'];
  static override examples = ['<%= config.bin %> export kubeconfig demo.k8s.local', '<%= config.bin %> export kubeconfig demo.k8s.local --admin=1h --kubeconfig ./kubeconfig'];
  static override args = { cluster: Args.string({ description: 'Name of the cluster' }) };
  static override flags = {
    kubeconfig: Flags.string({ summary: 'File to write, in place of $KUBECONFIG or ~/.kube/config.', helpValue: 'FILE' }),
    ...accessFlags,
    'api-server': Flags.string({ summary: 'Use this address of the API, whatever the cloud says.', helpValue: 'URL', exclusive: ['internal', 'all'] }),
    all: Flags.boolean({ summary: 'All clusters of the state store that run.' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ExportKubeconfig);
    await this.withOperator(flags, async (operator) => {
      const { exportKubeconfig, exportAll } = await import('../../operations/export-kubeconfig.ts');
      const access = accessOptions(flags, this.duration('admin', flags.admin));
      const file = { ...access, ...(flags.kubeconfig === undefined ? {} : { file: flags.kubeconfig }) };
      const exported = flags.all ? await exportAll(operator, file) : [await exportKubeconfig(operator, await this.clusterName(operator, args.cluster, flags.name), file)];
      for (const { entry, path } of exported) this.note(`kubectl context ${entry.name} written to ${path}`);
    });
  }
}
