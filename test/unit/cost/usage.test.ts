import { describe, expect, it } from 'vitest';
import { parseUsage, usageProfiles } from '../../../src/cost/usage.ts';
import { usageQuantities } from '../../../src/cost/usage-kinds.ts';

describe('a usage file', () => {
  it('holds quantities of a month, as YAML or JSON', () => {
    expect(parseUsage('natGatewayGb: 200\ninternetGb: 50.5\n', 'usage.yaml')).toEqual({ natGatewayGb: 200, internetGb: 50.5 });
    expect(parseUsage('{"queueRequests": 1000000}', 'usage.json')).toEqual({ queueRequests: 1e6 });
  });

  it('is refused with everything that is wrong in it', () => {
    expect(() => parseUsage('natGatwayGb: 1\ninternetGb: much\ninterZoneGb: -1\nxyz: 1\n', 'u.yaml')).toThrow(
      'u.yaml says no usage: natGatwayGb is not a quantity: did you mean natGatewayGb?; internetGb: "much" is not a number from 0 up; interZoneGb: -1 is not a number from 0 up; xyz is not a quantity',
    );
    expect(() => parseUsage('- 1', 'u.yaml')).toThrow('u.yaml says no usage: it is not a map of quantities');
  });

  it('may be one of three profiles, each with more than the one before', () => {
    const sums = Object.values(usageProfiles).map((usage) => Object.values(usage).reduce((sum, quantity) => sum + quantity, 0));
    expect(sums).toEqual([...sums].sort((a, b) => a - b));
    for (const usage of Object.values(usageProfiles)) expect(Object.keys(usageQuantities)).toEqual(expect.arrayContaining(Object.keys(usage)));
  });
});
