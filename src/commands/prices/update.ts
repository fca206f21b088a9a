import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { listFlag } from '../../cli/flags.ts';

export default class PricesUpdate extends BaseCommand {
  static override summary = 'Ask a cloud for its prices and keep them: previews use them from then on.';
  static override description = 'It needs credentials where the cloud asks for them. What the cloud does not say, such as spot prices, stays as in the built-in book.';
  static override examples = ['<%= config.bin %> prices update aws', '<%= config.bin %> prices update aws --region us-east-1,eu-west-1'];
  static override args = { provider: Args.string({ description: 'Whose prices; the cloud that free ones are compared with when absent' }) };
  static override flags = { region: listFlag('Only these regions; all of the built-in book when absent. Others are as built in, then.') };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(PricesUpdate);
    await this.withOperator(flags, async (operator) => {
      const { refreshPrices } = await import('../../operations/price-books.ts');
      const { providers } = operator;
      const module = args.provider === undefined ? await providers.comparison() : await providers.load(args.provider);
      const { date, regions, source } = await refreshPrices(operator, module, flags.region);
      this.print(`Prices of ${module.name} for ${regions.join(', ')}: ${source}, ${date}\n`);
    });
  }
}
