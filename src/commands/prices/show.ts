import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { outputFlag } from '../../cli/flags.ts';

export default class PricesShow extends BaseCommand {
  static override summary = 'Show where prices come from and when: the built-in book, or what was fetched last.';
  static override examples = ['<%= config.bin %> prices show', '<%= config.bin %> prices show aws -o json'];
  static override args = { provider: Args.string({ description: 'Whose prices; the cloud that free ones are compared with when absent' }) };
  static override flags = { output: outputFlag(['table', 'json', 'yaml']) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(PricesShow);
    await this.withOperator(flags, async (operator) => {
      const { showPrices } = await import('../../operations/show-prices.ts');
      const { pricesText } = await import('../../cli/views/prices-view.ts');
      this.print(pricesText(await showPrices(operator, args.provider), flags.output));
    });
  }
}
