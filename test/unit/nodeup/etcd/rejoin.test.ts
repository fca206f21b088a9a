import { describe, expect, it } from 'vitest';
import { standing } from '../../../../src/nodeup/etcd/rejoin.ts';

describe('a member of etcd without data', () => {
  const url = 'https://etcd-a.internal.demo.example.com:2380';
  const other = { ID: '17', name: 'etcd-b', peerURLs: ['https://etcd-b.internal.demo.example.com:2380'], clientURLs: ['https://b:4001'] };
  it.each<[string, object[], object]>([
    ['begins with the others when they wait for it', [{ ID: '9', name: 'etcd-a', peerURLs: [url] }, other], { state: 'awaited' }],
    [
      'has lost its disk when it was there before',
      [{ ID: '12345678901234567890', name: 'etcd-a', peerURLs: [url], clientURLs: ['https://a:4001'] }, other],
      { state: 'known', id: '12345678901234567890' },
    ],
    ['may start when somebody added it again', [{ ID: '9', peerURLs: [url] }, other], { state: 'added' }],
    ['may start when somebody added it again, in the words of other versions', [{ ID: '9', name: '', peerURLs: [url], clientURLs: [] }, other], { state: 'added' }],
    ['is to be added when it was removed', [other], { state: 'removed' }],
  ])('%s', (_what, members, expected) => expect(standing(members as Parameters<typeof standing>[0], url)).toEqual(expected));
});
