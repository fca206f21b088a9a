import { Args } from '@oclif/core';
import { usage } from '../../cli/base-command.ts';
import { nearest } from '../../lib/text.ts';
import GetAll from './all.ts';

/** `get NAME`: kops' older way to say `get all NAME`. */
export default class Get extends GetAll {
  static override hidden = true;
  static override summary = 'Show clusters, instance groups, machines, keys and secrets.';
  static override examples = ['<%= config.bin %> get all demo.k8s.local'];
  static override args = { cluster: Args.string({ description: 'Name of the cluster' }) };
  static override flags = GetAll.flags;

  override async run(): Promise<void> {
    const { args } = await this.parse(Get);
    const noun = this.config.commandIDs.filter((id) => id.startsWith('get:')).map((id) => id.slice('get:'.length));
    const near = args.cluster === undefined || args.cluster.includes('.') ? undefined : nearest(args.cluster, noun);
    if (near !== undefined) throw usage(`there is no command get ${args.cluster}`, [`Did you mean ${this.config.bin} get ${near}?`, `${this.config.bin} get --help`]);
    this.note(`Warning: get without a noun is deprecated, use ${this.config.bin} get all`);
    await super.run();
  }
}
