/** One part of a user data text, as cloud-init sorts them out. */
export interface UserDataPart {
  /** File name: decides the order in which scripts run. */
  name: string;
  /** `text/x-shellscript`, `text/cloud-config` … */
  type: string;
  content: string;
}

/** A MIME multipart message (RFC 2046). Parts that are not plain ASCII travel as base64. */
export function multipart(parts: readonly UserDataPart[]): string {
  const boundary = unusedBoundary(parts.map(({ content }) => content));
  const head = [`Content-Type: multipart/mixed; boundary="${boundary}"`, 'MIME-Version: 1.0', ''];
  return [...head, ...parts.flatMap((part) => [`--${boundary}`, ...partLines(part)]), `--${boundary}--`, ''].join('\n');
}

function partLines({ name, type, content }: UserDataPart): string[] {
  const plain = /^[\t\n\r -~]*$/.test(content);
  return [
    `Content-Disposition: attachment; filename="${name.replace(/["\\\r\n]/g, '_')}"`,
    `Content-Transfer-Encoding: ${plain ? '7bit' : 'base64'}`,
    `Content-Type: ${type}`,
    'Mime-Version: 1.0',
    '',
    plain
      ? content.replace(/\n$/, '')
      : (
          Buffer.from(content)
            .toString('base64')
            .match(/.{1,76}/g) ?? []
        ).join('\n'),
    '',
  ];
}

function unusedBoundary(texts: readonly string[]): string {
  const base = 'MIMEBOUNDARY';
  for (let count = 0; ; count++) {
    const boundary = count === 0 ? base : `${base}${count}`;
    if (!texts.some((text) => text.includes(`--${boundary}`))) return boundary;
  }
}
