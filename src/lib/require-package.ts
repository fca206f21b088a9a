import { createRequire } from 'node:module';

/**
 * Loads a CommonJS package when it is first needed: the AWS clients in a third of the time that import() takes, which reads each file
 * once more to find out what it is. `requirePackage('x') as typeof import('x')`
 */
export const requirePackage: (name: string) => unknown = createRequire(import.meta.url);
