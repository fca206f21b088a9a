import type { PlannedChange } from './plan.ts';

/** What happens during an apply; the command line turns these into lines. */
export type ApplyEvent =
  | { type: 'started'; action: PlannedChange['action']; kind: string; name: string; done: number; total: number }
  | { type: 'progress'; kind: string; name: string; message: string }
  | { type: 'retrying'; kind: string; name: string; message: string; afterMs: number }
  | { type: 'succeeded'; action: PlannedChange['action']; kind: string; name: string; id?: string; durationMs: number; done: number; total: number }
  /** Denied, and its lifecycle says that this is no failure. */
  | { type: 'tolerated'; action: PlannedChange['action']; kind: string; name: string; message: string; done: number; total: number }
  | { type: 'failed'; action: PlannedChange['action']; kind: string; name: string; message: string; done: number; total: number };

export type OnApplyEvent = (event: ApplyEvent) => void;
