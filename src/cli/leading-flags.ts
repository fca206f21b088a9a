/** Flags that kops takes before the command as well; each has a value. */
const globalFlags = new Set(['--state', '--name', '--config', '--lock-timeout']);

/** `kops-ts --state s3://x get clusters` → `get clusters --state s3://x`: the command line library looks for the command first. */
export function commandFirst(args: readonly string[]): string[] {
  const leading: string[] = [];
  let at = 0;
  while (at < args.length) {
    const [flag = '', value] = (args[at] ?? '').split('=', 2);
    if (!globalFlags.has(flag)) break;
    const length = value === undefined ? 2 : 1;
    leading.push(...args.slice(at, at + length));
    at += length;
  }
  return [...args.slice(at), ...leading];
}
