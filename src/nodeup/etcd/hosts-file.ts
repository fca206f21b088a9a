export interface HostEntry {
  ip: string;
  name: string;
}

const begin = (owner: string) => `# Begin host entries managed by ${owner} - do not edit`;
const end = (owner: string) => `# End host entries managed by ${owner}`;

/** The text of a hosts file in which the lines between our two marks are these entries. Everything else stays, byte for byte. */
export function withHosts(text: string, owner: string, entries: readonly HostEntry[]): string {
  const kept = withoutBlock(text, owner);
  const lines = entries.map(({ ip, name }) => `${ip}\t${name}`);
  return `${kept}${kept === '' || kept.endsWith('\n') ? '' : '\n'}${[begin(owner), ...lines, end(owner), ''].join('\n')}`;
}

/** Also blocks that are there twice, and one whose end somebody removed: then only its first mark goes. */
function withoutBlock(text: string, owner: string): string {
  let rest = text;
  for (;;) {
    const from = rest.indexOf(`${begin(owner)}\n`);
    if (from < 0) return rest;
    const mark = `${end(owner)}\n`;
    const to = rest.indexOf(mark, from);
    rest = rest.slice(0, from) + rest.slice(to < 0 ? from + begin(owner).length + 1 : to + mark.length);
  }
}
