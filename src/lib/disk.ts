/** Files as a parameter: real ones, or memory with faults in a simulation. Paths are relative to the disk's root, with `/`. */
export interface Disk {
  /** Where it really is, when it is anywhere: two disks of one location are the same disk. */
  readonly location?: string;
  /** Throws with `code: 'ENOENT'` when absent. */
  readFile(path: string): Promise<Uint8Array>;
  /** Whole or not at all: written beside, synced, renamed. Makes missing folders. */
  writeFile(path: string, data: Uint8Array, options?: { mode?: number }): Promise<void>;
  /** Makes the file (and folders) when missing. */
  openAppend(path: string, options?: { mode?: number }): Promise<AppendFile>;
  rename(from: string, to: string): Promise<void>;
  /** A missing file is fine; folders go with all they hold. */
  remove(path: string): Promise<void>;
  /** Names in a folder, sorted; empty when it does not exist. */
  list(path: string): Promise<string[]>;
  truncate(path: string, length: number): Promise<void>;
}

export interface AppendFile {
  /** Appends the buffers in order, in one write. */
  append(buffers: readonly Uint8Array[]): Promise<void>;
  /** Resolves when all that was appended survives a crash. */
  sync(): Promise<void>;
  close(): Promise<void>;
}
