/** A terminal's size as clients send it: `{"Width":80,"Height":24}`. */
export function resizeOf(message: Buffer): { width: number; height: number } | undefined {
  const text = message.toString();
  const width = /"Width":\s*(\d+)/i.exec(text)?.[1];
  const height = /"Height":\s*(\d+)/i.exec(text)?.[1];
  return width === undefined || height === undefined ? undefined : { width: Number(width), height: Number(height) };
}
