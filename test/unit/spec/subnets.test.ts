import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cidrContains, cidrsOverlap, parseCidr } from '../../../src/lib/cidr.ts';
import { allocateKopsSubnets } from '../../../src/spec/kops-subnets.ts';
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

describe("kops' own subnet layout", () => {
  const kops = (subnets: readonly SubnetSpec[]) => cidrs(allocateKopsSubnets(subnets, '172.20.0.0/16').subnets);
  const privateZones = (...zones: string[]) => [...zones.map((zone) => subnet(zone, 'Private')), ...zones.map((zone) => ({ ...subnet(`utility-${zone}`, 'Utility'), zone }))];

  it('uses the whole network, in as few slices as today needs', () => {
    expect(kops([subnet('a')])).toEqual(['172.20.0.0/16']);
    expect(kops([subnet('a'), subnet('b')])).toEqual(['172.20.0.0/17', '172.20.128.0/17']);
    expect(kops([subnet('a'), subnet('b'), subnet('c')])).toEqual(['172.20.0.0/18', '172.20.64.0/18', '172.20.128.0/18']);
  });

  it('gives utility subnets the first slice', () => {
    expect(kops(privateZones('a'))).toEqual(['172.20.128.0/17', '172.20.0.0/20']);
    expect(kops(privateZones('a', 'b', 'c'))).toEqual(['172.20.64.0/18', '172.20.128.0/18', '172.20.192.0/18', '172.20.0.0/21', '172.20.8.0/21', '172.20.16.0/21']);
  });

  it('keeps clear of blocks that are given, and does not count those outside', () => {
    expect(kops([subnet('a', 'Public', '172.20.0.0/24'), subnet('b')])).toEqual(['172.20.0.0/24', '172.20.128.0/17']);
    expect(kops([subnet('a'), subnet('b', 'Public', '10.1.0.0/16')])).toEqual(['172.20.0.0/16', '10.1.0.0/16']);
  });

  it('says for whom nothing is left', () => {
    const nine = Array.from({ length: 9 }, (_, i) => subnet(`s${i}`));
    expect(allocateKopsSubnets(nine, '172.20.0.0/16').unassigned).toEqual(['s8']);
  });
});
