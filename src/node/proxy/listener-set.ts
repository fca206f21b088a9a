import type { ConnectionHandler, Fabric, Listener, Owner } from '../../fabric/fabric.ts';
import type { Timer } from '../../lib/clock.ts';
import type { Environment } from '../../lib/environment.ts';
import { messageOf } from '../../lib/errors.ts';

export interface WantedListener {
  owner: Owner;
  ip: string;
  port: number;
  handler: ConnectionHandler;
}

interface Slot {
  wanted: WantedListener | undefined;
  listener: Listener | undefined;
  working: Promise<void> | undefined;
  retry?: Timer;
}

const retryMs = 2_000;

/** Listeners by address, brought to what is wanted one step at a time. A change of handler needs no new listener. */
export class ListenerSet {
  private readonly fabric: Fabric;
  private readonly environment: Environment;
  private readonly slots = new Map<string, Slot>();

  constructor(fabric: Fabric, environment: Environment) {
    this.fabric = fabric;
    this.environment = environment;
  }

  want(listener: WantedListener): void {
    const key = `${listener.ip}:${listener.port}`;
    const slot = this.slots.get(key) ?? { wanted: undefined, listener: undefined, working: undefined };
    this.slots.set(key, slot);
    slot.wanted = listener;
    this.work(key, slot);
  }

  drop(ip: string, port: number): void {
    const key = `${ip}:${port}`;
    const slot = this.slots.get(key);
    if (!slot) return;
    slot.wanted = undefined;
    slot.retry?.cancel();
    this.work(key, slot);
  }

  /** Resolves when everything wanted so far listens, or has failed to. */
  async settled(): Promise<void> {
    await Promise.all([...this.slots.values()].map(({ working }) => working));
  }

  async close(): Promise<void> {
    for (const [key, slot] of this.slots) {
      slot.wanted = undefined;
      slot.retry?.cancel();
      this.work(key, slot);
    }
    await this.settled();
  }

  private work(key: string, slot: Slot): void {
    slot.working ??= this.reconcile(key, slot).finally(() => {
      slot.working = undefined;
      if (!slot.wanted && !slot.listener) this.slots.delete(key);
    });
  }

  private async reconcile(key: string, slot: Slot): Promise<void> {
    while (Boolean(slot.wanted) !== Boolean(slot.listener)) {
      const { wanted, listener } = slot;
      if (!wanted) {
        slot.listener = undefined;
        await listener?.close();
        continue;
      }
      try {
        slot.listener = await this.fabric.listen(wanted.owner, wanted.ip, wanted.port, (connection) => {
          if (slot.wanted) slot.wanted.handler(connection);
          else connection.stream.destroy();
        });
      } catch (error) {
        this.environment.log.warn('an address of a Service cannot be opened, tried again', { address: key, owner: wanted.owner.name, error: messageOf(error) });
        slot.retry = this.environment.clock.setTimer(retryMs, () => this.work(key, slot), { background: true });
        return;
      }
    }
  }
}
