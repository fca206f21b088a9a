import { CloudError, type CloudErrorClass } from '../../../src/cloud/errors.ts';

export interface Fault {
  class: CloudErrorClass;
  /** `createSubnet`, `describe`; absent: any operation counts. */
  operation?: string;
  /** Which of the matching calls from now on fails: 1 is the next one. */
  nth: number;
  /** How many in a row fail; 1 when absent. */
  times?: number;
}

/** Makes calls of the cloud fail on purpose. `ambiguous` has its effect first: the answer is what gets lost. */
export class FaultInjector {
  private readonly faults: (Fault & { seen: number })[] = [];
  /** Calls so far. */
  calls = 0;

  inject(fault: Fault): void {
    this.faults.push({ ...fault, seen: 0 });
  }

  clear(): void {
    this.faults.length = 0;
  }

  async run<T>(operation: string, work: () => Promise<T>): Promise<T> {
    this.calls++;
    const fault = this.hit(operation);
    if (fault && fault.class !== 'ambiguous') throw injected(fault.class, operation);
    const result = await work();
    if (fault) throw injected(fault.class, operation);
    return result;
  }

  private hit(operation: string): Fault | undefined {
    let found: Fault | undefined;
    for (const fault of this.faults) {
      if (fault.operation !== undefined && fault.operation !== operation) continue;
      fault.seen++;
      if (fault.seen >= fault.nth && fault.seen < fault.nth + (fault.times ?? 1)) found ??= fault;
    }
    return found;
  }
}

function injected(errorClass: CloudErrorClass, operation: string): CloudError {
  return new CloudError(errorClass, operation, `${operation} failed: injected fault (${errorClass})`);
}
