import { type Output, type Pipe, toBytes } from './streams.ts';

const carriageReturn = 13;
const newline = 10;
const escapeKey = 27;

/** A terminal's line discipline: echo, line editing, Ctrl-C, Ctrl-D on the way in; line ends on the way out. */
export class Terminal implements Output {
  size = { width: 80, height: 24 };
  /** Set by the shell that owns the terminal: what Ctrl-C does. */
  onInterrupt: (() => void) | undefined;
  private readonly screen: Output;
  private readonly lines: Pipe | undefined;
  private line = '';
  private history: string[] = [];
  private position = 0;
  private sequence = '';
  private afterReturn = false;

  constructor(screen: Output, lines: Pipe | undefined) {
    this.screen = screen;
    this.lines = lines;
  }

  write(data: string | Uint8Array): void | Promise<void> {
    return this.screen.write(toBytes(data).toString().replaceAll(/\r?\n/g, '\r\n'));
  }

  resize(size: { width: number; height: number }): void {
    this.size = size;
  }

  /** What the person typed. */
  type(keys: Uint8Array): void {
    for (const char of toBytes(keys).toString()) this.key(char);
  }

  private key(char: string): void {
    const code = char.codePointAt(0) ?? 0;
    const wasReturn = this.afterReturn;
    this.afterReturn = code === carriageReturn;
    if (this.sequence !== '' || code === escapeKey) this.escapeKey(char);
    else if (code === carriageReturn || (code === newline && !wasReturn)) this.enter();
    else if (code === 3) this.interrupt();
    else if (code === 4) this.endOfInput();
    else if (code === 127 || code === 8) this.replace(this.line.slice(0, -1));
    else if (code === 21) this.replace('');
    else if (code === 23) this.replace(this.line.replace(/\S*\s*$/, ''));
    else if (code >= 32 || code === 9) {
      this.line += char;
      this.echo(char);
    }
  }

  /** Arrow up and down walk through earlier lines; other sequences are swallowed. */
  private escapeKey(char: string): void {
    this.sequence += char;
    if (this.sequence.length === 2 && char !== '[' && char !== 'O') this.sequence = '';
    if (this.sequence.length < 3 || !/[A-Za-z~]/.test(char)) return;
    if (char === 'A' || char === 'B') {
      this.position = Math.min(this.history.length, Math.max(0, this.position + (char === 'A' ? -1 : 1)));
      this.replace(this.history[this.position] ?? '');
    }
    this.sequence = '';
  }

  private enter(): void {
    if (this.line.trim() !== '') this.history = [...this.history.slice(-99), this.line];
    this.position = this.history.length;
    this.echo('\r\n');
    this.submit(`${this.line}\n`);
  }

  private interrupt(): void {
    this.echo('^C\r\n');
    this.line = '';
    this.onInterrupt?.();
  }

  private endOfInput(): void {
    if (this.line === '') this.lines?.end();
    else this.submit(this.line);
  }

  private submit(text: string): void {
    this.line = '';
    void this.lines?.write(text);
  }

  /** Shows another text in the line: wipes from where the two differ. */
  private replace(text: string): void {
    let same = 0;
    while (same < text.length && text[same] === this.line[same]) same++;
    this.echo(`${'\b \b'.repeat(this.line.length - same)}${text.slice(same)}`);
    this.line = text;
  }

  private echo(text: string): void {
    void this.screen.write(text);
  }
}
