import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cidrContains, cidrsOverlap, parseCidr } from '../../../src/lib/cidr.ts';
import { allocateSubnets } from '../../../src/spec/subnets.ts';
import type { SubnetSpec } from '../../../src/spec/types.ts';

const subnet = (name: string, type: SubnetSpec['type'] = 'Public', cidr?: string): SubnetSpec => ({ name, type, zone: name, ...(cidr ? { cidr } : {}) });
const cidrs = (subnets: readonly SubnetSpec[]) => subnets.map((one) => one.cidr);

describe('subnet allocation', () => {
  it('leaves room: one zone takes an eighth', () => {
    expect(cidrs(allocateSubnets([subnet('a')], '172.20.0.0/16').subnets)).toEqual(['172.20.0.0/19']);
  });

  it('moves nothing when zones are added', () => {
    const first = allocateSubnets([subnet('a')], '172.20.0.0/16').subnets;
    const more = allocateSubnets([...first, subnet('b'), subnet('c')], '172.20.0.0/16').subnets;
    expect(cidrs(more)).toEqual(['172.20.0.0/19', '172.20.32.0/19', '172.20.64.0/19']);
  });

  it('gives utility subnets an eighth of one slice', () => {
    const made = allocateSubnets([subnet('a', 'Private'), subnet('utility-a', 'Utility'), subnet('utility-b', 'Utility')], '10.0.0.0/16').subnets;
    expect(cidrs(made)).toEqual(['10.0.32.0/19', '10.0.0.0/22', '10.0.4.0/22']);
  });

  it('says for whom nothing is left', () => {
    expect(allocateSubnets([subnet('a'), subnet('b')], '10.0.0.0/28').unassigned).toEqual(['a', 'b']);
  });

  it('never overlaps, and stays inside', () => {
    const kinds = fc.constantFrom<SubnetSpec['type']>('Public', 'Private', 'Utility');
    fc.assert(
      fc.property(fc.array(kinds, { minLength: 1, maxLength: 20 }), fc.integer({ min: 8, max: 20 }), fc.boolean(), (types, prefix, preset) => {
        const wanted = types.map((type, i) => subnet(`s${i}`, type, preset && i === 0 ? `10.0.0.0/${prefix + 4}` : undefined));
        const network = `10.0.0.0/${prefix}`;
        const { subnets } = allocateSubnets(wanted, network);
        const blocks = cidrs(subnets).flatMap((text) => parseCidr(text ?? '') ?? []);
        const outer = parseCidr(network) as { base: number; prefix: number };
        expect(blocks.every((block) => cidrContains(outer, block))).toBe(true);
        expect(blocks.every((block, i) => blocks.slice(i + 1).every((other) => !cidrsOverlap(block, other)))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});
