import { describe, expect, it } from 'vitest';
import type { CloudSettings } from '../../providers/local/cloud/local-cloud.ts';
import { createLocalProvider } from '../../providers/local/provider.ts';
import { type ConformanceCloud, providerConformance } from '../../src/cloud/conformance.ts';
import { modelInput, openCloud, virtualEnvironment } from './local-cloud-harness.ts';

async function open(settings: Partial<CloudSettings>): Promise<ConformanceCloud> {
  const environment = virtualEnvironment();
  const { cloud } = await openCloud({ environment, settings });
  let closed = false;
  // Time passes by itself, as it does for a user.
  const passing = (async () => {
    while (!closed) await environment.clock.advance(200);
  })();
  return {
    provider: createLocalProvider(cloud),
    input: modelInput(),
    settle: async () => {
      await environment.clock.sleep(1_000);
      await cloud.fleet.settled();
    },
    failCall: (nth, how) => cloud.faults.inject({ nth, class: how }),
    close: async () => {
      await cloud.close();
      closed = true;
      await passing;
    },
  };
}

providerConformance('local', () => open({}), { describe, it, expect });
providerConformance('local, slow and eventually consistent', () => open({ pendingMs: 3_000, visibleAfterMs: 1_500 }), { describe, it, expect });
