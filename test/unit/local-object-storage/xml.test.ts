import { describe, expect, it } from 'vitest';
import { element, parseXml } from '../../../providers/local/object-storage/xml.ts';

describe('XML of S3', () => {
  it('reads what it writes', () => {
    const written = element('Delete', { Object: [{ Key: 'a <b> & "c" é' }, { Key: '\u0001' }], Quiet: true, Absent: undefined });
    expect(parseXml(`<?xml version="1.0"?>\n<!-- hello -->${written}\n`)).toMatchObject({
      name: 'Delete',
      children: [{ children: [{ text: 'a <b> & "c" é' }] }, { children: [{ text: '\u0001' }] }, { name: 'Quiet', text: 'true' }],
    });
    expect(parseXml('<A xmlns="http://x/"><B/>&#x41;&#66;</A>')).toEqual({ name: 'A', text: 'AB', children: [{ name: 'B', text: '', children: [] }] });
  });

  it.each(['', 'text', '<A>', '</A>', '<A></B>', '<A/><B/>', '<A><B></A></B>', '<!DOCTYPE a [<!ENTITY b "c">]><A>&b;</A>', '<A', '<A>'.repeat(20) + '</A>'.repeat(20)])(
    'refuses %s',
    (source) => {
      expect(parseXml(source)).toBeUndefined();
    },
  );
});
