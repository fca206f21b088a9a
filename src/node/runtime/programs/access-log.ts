const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** 23/Nov/2026:04:46:26 +0000, as web servers log. */
export function commonLogTime(epochMs: number): string {
  const date = new Date(epochMs);
  const iso = date.toISOString();
  return `${iso.slice(8, 10)}/${months[date.getUTCMonth()]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}

/** 2026/11/23 04:46:26, as nginx and Go log. */
export function slashTime(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ');
}

/** Mon Nov 23 04:46:26.000000 2026, as Apache logs. */
export function apacheTime(epochMs: number): string {
  const date = new Date(epochMs);
  const iso = date.toISOString();
  return `${days[date.getUTCDay()]} ${months[date.getUTCMonth()]} ${iso.slice(8, 10)} ${iso.slice(11, 23)}000 ${iso.slice(0, 4)}`;
}

/** What goes between quotes in a log line. */
export function quoted(value: string | undefined): string {
  return value === undefined || value === '' ? '-' : value.replaceAll('"', '\\x22');
}
