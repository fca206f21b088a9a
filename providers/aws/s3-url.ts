/** `s3://bucket/path/to` → its bucket, and its key without slashes around. Undefined for other places. */
export function parseS3Url(url: string | undefined): { bucket: string; key: string } | undefined {
  const match = /^s3:\/\/([^/]+)\/*(.*?)\/*$/.exec(url ?? '');
  return match ? { bucket: match[1] ?? '', key: match[2] ?? '' } : undefined;
}
