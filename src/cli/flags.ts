import { Flags } from '@oclif/core';

/** Flags that several commands share; names and letters are kops'. */
export const yesFlag = Flags.boolean({ char: 'y', summary: 'Do it; without it the command shows what it would do.' });

export const outputFlag = (options: readonly string[], fallback = 'table') =>
  Flags.string({ char: 'o', summary: 'How to print the answer.', options: [...options], default: fallback });

export const progressFlag = Flags.string({
  summary: 'How to show progress on standard error: live on a terminal and lines elsewhere, always lines, or JSON lines (kops-ts/progress/v1).',
  options: ['auto', 'plain', 'json'],
  default: 'auto',
});

export const waitFlag = Flags.string({ summary: 'How long to wait until the cluster is ready: 60s, 10m.', helpValue: 'DURATION' });

export const setFlag = Flags.string({
  summary: 'Set a field: spec.kubernetesVersion=v1.36.0. May be given several times.',
  multiple: true,
  multipleNonGreedy: true,
  helpValue: 'PATH=VALUE',
});

export const unsetFlag = Flags.string({ summary: 'Remove a field: spec.sshAccess. May be given several times.', multiple: true, multipleNonGreedy: true, helpValue: 'PATH' });

export const filenameFlag = Flags.string({
  char: 'f',
  summary: 'File with Cluster, InstanceGroup, SSHCredential and addon objects; - reads standard input.',
  multiple: true,
  multipleNonGreedy: true,
  required: true,
  helpValue: 'FILE',
});

export const priceAsFlag = Flags.string({ summary: 'Show what it would cost elsewhere: aws:us-east-1.', helpValue: 'PROVIDER[:REGION]' });

/** What previews of costs can be told. */
export const costFlags = {
  'price-as': priceAsFlag,
  usage: Flags.string({ summary: 'What is billed by use counts, too: small, medium, large, or a file with quantities of a month.', helpValue: 'PROFILE|FILE' }),
  'max-monthly-cost': Flags.string({
    summary: 'Refuse (exit code 8) what costs more than this a month, before any call of the cloud. Also the annotation kops-ts.io/max-monthly-cost of the Cluster.',
    helpValue: 'USD',
  }),
  'max-increase': Flags.string({
    summary: 'Refuse (exit code 8) what costs so much more than what runs: 20%, or USD a month. Also the annotation kops-ts.io/max-increase.',
    helpValue: 'SHARE|USD',
  }),
  'refresh-prices': Flags.boolean({ summary: 'Ask the cloud for its prices first, and keep them; see prices update.' }),
};

/** Values separated by commas; the flag may also be repeated. */
export const listFlag = (summary: string, extra: { aliases?: string[]; deprecateAliases?: boolean; helpGroup?: string } = {}) =>
  Flags.string({ summary, multiple: true, multipleNonGreedy: true, delimiter: ',', ...extra });

/** An older spelling that still works, with a warning. */
export const old = (name: string) => ({ aliases: [name], deprecateAliases: true });
