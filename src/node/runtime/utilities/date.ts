const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];

/** `date`, with `+FORMAT`, `-u`, `-I`, `-Iseconds`, `-d @SECONDS`. */
export function formatDate(now: number, args: readonly string[]): string {
  const given = args[args.indexOf('-d') + 1];
  const epochMs = args.includes('-d') && given?.startsWith('@') ? Number(given.slice(1)) * 1000 : now;
  const format = args.find((arg) => arg.startsWith('+'))?.slice(1);
  if (args.some((arg) => arg === '-I' || arg === '-Idate')) return strftime('%Y-%m-%d', epochMs);
  if (args.some((arg) => arg === '-Iseconds')) return strftime('%Y-%m-%dT%H:%M:%S+00:00', epochMs);
  return strftime(format ?? (args.includes('-R') ? '%a, %d %b %Y %H:%M:%S +0000' : '%a %b %e %H:%M:%S UTC %Y'), epochMs);
}

function strftime(format: string, epochMs: number): string {
  const date = new Date(epochMs);
  const iso = date.toISOString();
  const day = days[date.getUTCDay()] ?? '';
  const month = months[date.getUTCMonth()] ?? '';
  const hour = date.getUTCHours();
  const parts: Record<string, string> = {
    Y: iso.slice(0, 4),
    y: iso.slice(2, 4),
    m: iso.slice(5, 7),
    d: iso.slice(8, 10),
    e: String(date.getUTCDate()).padStart(2),
    H: iso.slice(11, 13),
    I: String(hour % 12 || 12).padStart(2, '0'),
    p: hour < 12 ? 'AM' : 'PM',
    M: iso.slice(14, 16),
    S: iso.slice(17, 19),
    N: `${iso.slice(20, 23)}000000`,
    s: String(Math.floor(epochMs / 1000)),
    F: iso.slice(0, 10),
    T: iso.slice(11, 19),
    R: iso.slice(11, 16),
    D: `${iso.slice(5, 7)}/${iso.slice(8, 10)}/${iso.slice(2, 4)}`,
    a: day.slice(0, 3),
    A: day,
    b: month.slice(0, 3),
    B: month,
    u: String(date.getUTCDay() || 7),
    w: String(date.getUTCDay()),
    Z: 'UTC',
    z: '+0000',
    n: '\n',
    t: '\t',
    '%': '%',
  };
  return format.replaceAll(/%([A-Za-z%])/g, (whole, letter: string) => parts[letter] ?? whole);
}
