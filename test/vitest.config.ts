import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const tier = (name: string, testTimeout: number, options: object = {}) => ({
  extends: true as const,
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout, hookTimeout: testTimeout, ...options },
});

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    // Two files at a time on two cores: many wait for processes of theirs. The default leaves one core out.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      { extends: true, test: { name: 'tidy', include: ['test/tidy.test.ts'], testTimeout: 30_000 } },
      tier('unit', 20_000),
      tier('contract', 30_000),
      tier('sim', 60_000),
      tier('integration', 60_000),
      tier('e2e', 180_000),
    ],
  },
});
