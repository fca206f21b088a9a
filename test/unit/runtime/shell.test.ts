// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shell source
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { simulated } from './runtime-fixture.ts';

const world = simulated();
let container = '';
beforeAll(async () => {
  container = (await world.h.start('busybox', { spec: { command: ['sleep', '3600'] } })).id;
});
afterAll(async () => {
  await world.fabric.close();
  expect(world.problems).toEqual([]);
});

const run = (script: string, stdin?: string) => world.h.exec(container, ['sh', '-c', script], stdin);

/** Scripts and what dash prints for them. */
const table: [script: string, output: string, code?: number][] = [
  ['echo hello   world', 'hello world\n'],
  ['echo "hello   world"', 'hello   world\n'],
  ['echo \'a $b\' "c \\$d" e\\ f', 'a $b c $d e f\n'],
  ['x=1; y=$x$x; echo $y ${y}0', '11 110\n'],
  ['x="a b"; for i in $x; do echo "[$i]"; done', '[a]\n[b]\n'],
  ['x="a b"; for i in "$x"; do echo "[$i]"; done', '[a b]\n'],
  ['x=" a  b "; set -- $x; echo $#', '2\n'],
  ['set -- "a b" c; for i in "$@"; do echo "[$i]"; done; echo "$*"', '[a b]\n[c]\na b c\n'],
  ['set -- a b c; shift; echo $1 $# $@', 'b 2 b c\n'],
  ['echo $((1 + 2 * 3)) $(( (1+2)*3 )) $((7/2)) $((-7%3)) $((1<<4)) $((5>3&&2))', '7 9 3 -1 16 1\n'],
  ['i=0; while [ $i -lt 3 ]; do echo $i; i=$((i+1)); done', '0\n1\n2\n'],
  ['i=0; until [ $i -ge 2 ]; do i=$((i+1)); done; echo $i', '2\n'],
  ['for i in 1 2 3; do [ $i = 2 ] && continue; echo $i; done', '1\n3\n'],
  ['for i in 1 2 3; do for j in a b; do [ $i$j = 2a ] && break 2; echo $i$j; done; done', '1a\n1b\n'],
  ['if false; then echo a; elif true; then echo b; else echo c; fi', 'b\n'],
  ['case abc in a*) echo first;; *) echo other;; esac', 'first\n'],
  ['case "a*" in "a*") echo quoted;; esac; case x in y|x) echo alt;; esac', 'quoted\nalt\n'],
  ['false || echo no; true && echo yes; ! true; echo $?', 'no\nyes\n1\n'],
  ['echo $(echo a; echo b)', 'a b\n'],
  ['echo "$(echo a; echo b)"', 'a\nb\n'],
  ['echo `echo back`', 'back\n'],
  ['x=$(exit 3); echo $?', '3\n'],
  ['(x=2; exit 4); echo $? $x', '4\n'],
  ['x=1; { x=2; }; echo $x', '2\n'],
  ['f() { echo "$1-$#"; return 5; }; f a b; echo $?', 'a-2\n5\n'],
  ['f() { local x=inner; echo $x; }; x=outer; f; echo $x', 'inner\nouter\n'],
  ['echo a | cat; echo b | tr a-z A-Z | rev', 'a\nB\n'],
  ['printf "%s\\n" c a b | sort', 'a\nb\nc\n'],
  ['echo x | read y; echo "[$y]"', '[]\n'],
  ['printf "1 2\\n3 4\\n" | while read a b; do echo $b-$a; done', '2-1\n4-3\n'],
  ['unset x; echo ${x:-default} ${x-d} ${x:+alt}; x=; echo "${x:-e}" "${x-f}"', 'default d\ne \n'],
  ['x=/usr/local/lib.tar.gz; echo ${x##*/} ${x%.*} ${x%%.*} ${x#*/} ${#x}', 'lib.tar.gz /usr/local/lib.tar /usr/local/lib usr/local/lib.tar.gz 21\n'],
  [': ${x:=set}; echo $x', 'set\n'],
  ['cat <<EOF\nhi $((1+1))\nEOF', 'hi 2\n'],
  ["cat <<'EOF'\nhi $x\nEOF", 'hi $x\n'],
  ['cat <<-EOF\n\tindented\n\tEOF\necho after', 'indented\nafter\n'],
  ['echo out; echo err >&2', 'out\n'],
  ['echo file > /tmp/f; echo more >> /tmp/f; cat < /tmp/f; wc -l < /tmp/f', 'file\nmore\n2\n'],
  ['{ echo a; echo b >&2; } 2>&1 | sort -r', 'b\na\n'],
  ['echo lost > /dev/null; echo $?', '0\n'],
  ['exit 7', '', 7],
  ['nope', '', 127],
  ['set -e; false; echo never', '', 1],
  ['set -e; false || true; if false; then :; fi; echo alive', 'alive\n'],
  ['set -u; echo $undefined', '', 2],
  ['trap "echo bye" EXIT; echo hi; exit 3', 'hi\nbye\n', 3],
  ['trap "echo caught" USR1; kill -USR1 $$; echo after', 'caught\nafter\n'],
  ['sleep 0.01 & wait; echo done', 'done\n'],
  ['sleep 0.01 & wait $!; echo $?', '0\n'],
  ['eval "x=5; echo \\$x"', '5\n'],
  ['IFS=:; x=a:b:c; set -- $x; echo $2', 'b\n'],
  ['IFS=: read a b <<EOF\n1:2:3\nEOF\necho $a $b', '1 2:3\n'],
  ['A=1 env | grep ^A=', 'A=1\n'],
  ['export B=2; sh -c "echo $B \\$B"', '2 2\n'],
  ['C=3; sh -c "echo [\\$C]"', '[]\n'],
  ['echo "a#b" a#b # comment', 'a#b a#b\n'],
  ['echo one \\\n two', 'one two\n'],
  ['cd /tmp; mkdir -p g; touch g/a.txt g/b.txt; echo g/*.txt; echo g/*.none', 'g/a.txt g/b.txt\ng/*.none\n'],
  ['[ 1 -lt 2 ] && [ ! a = b ] && [ -n x -a -z "" ] && echo ok', 'ok\n'],
  ['[ -d /tmp ] && [ ! -f /nope ] && echo files', 'files\n'],
  ['seq 3 | head -n 2; seq 10 | tail -n 1; seq 2 2 6 | tr "\\n" ,', '1\n2\n10\n2,4,6,'],
  ['printf "%03d|%-5s|%5.2f|%x\\n" 7 ab 3.14159 255', '007|ab   | 3.14|ff\n'],
  ['printf "%s-%s\\n" a b c', 'a-b\nc-\n'],
  ['echo "a,b,c" | cut -d, -f2; echo abcdef | cut -c2-4', 'b\nbcd\n'],
  ['echo hello | sed "s/l/L/g; s/^h/H/"; printf "a\\nb\\nc\\n" | sed -n 2p; printf "a\\nb\\n" | sed /a/d', 'HeLLo\nb\nb\n'],
  ['echo "john smith" | sed -E "s/(\\w+) (\\w+)/\\2 \\1/"', 'smith john\n'],
  ['printf "apple\\nbanana\\n" | grep -c an; printf "x1\\ny2\\n" | grep -E "^x[0-9]+$"; echo a | grep -q b || echo none', '1\nx1\nnone\n'],
  ['printf "b\\na\\nb\\n" | sort | uniq -c | sort -rn | head -1 | tr -s " "', ' 2 b\n'],
  ['expr 3 + 4 \\* 2; expr abc : "a.*"', '11\n3\n'],
  ['basename /a/b.txt .txt; dirname /a/b.txt', 'b\n/a\n'],
  ['echo aGk= | base64 -d', 'hi'],
  ['x=5; x=$((x > 3 ? 10 : 20)); echo $x', '10\n'],
  ['while true; do break; done; echo out', 'out\n'],
  ['echo a;echo b&&echo c', 'a\nb\nc\n'],
  ['x="$(echo ")")"; echo "$x"', ')\n'],
  ['case $(case x in x) echo y;; esac) in y) echo nested;; esac', 'nested\n'],
  ['yes | head -n 2', 'y\ny\n'],
  ['echo hi | (cat; echo there)', 'hi\nthere\n'],
  ['f() { cat; }; echo piped | f', 'piped\n'],
  ['exec echo replaced; echo never', 'replaced\n'],
  ['x="a b"; [[ $x == a* && -n $x ]] && echo long; [[ -z $none || 1 -gt 2 ]] && echo none', 'long\nnone\n'],
  ['a=1; (( a += 2 )); (( a > 2 )) && echo $a', '3\n'],
  ["printf 'a b c\\nd e f\\n' | awk '{print $2, $NF}'; echo a:b | awk -F: '/a/ {print $2}'", 'b c\ne f\nb\n'],
  ['for i; do echo no; done; echo end', 'end\n'],
  ['x=a; case $x in [a-c]) echo set;; esac; case d in [!a-c]) echo not;; esac', 'set\nnot\n'],
];

describe('shell', () => {
  it.each(table)('%s', async (script, output, code = 0) => {
    const result = await run(script);
    expect(result.out).toBe(output);
    expect(result.code).toBe(code);
  });

  it('names what it does not find, where and why', async () => {
    expect(await run('nope')).toMatchObject({ code: 127, err: 'sh: nope: not found\n' });
    expect(await run('if true; then echo')).toMatchObject({ code: 2, err: expect.stringContaining('syntax error: unexpected end of file') });
    expect(await run('fi')).toMatchObject({ code: 2, err: 'sh: syntax error: unexpected "fi"\n' });
    expect(await run('cat /nope')).toMatchObject({ code: 1, err: "cat: can't open '/nope': No such file or directory\n" });
    expect(await run('echo x > /nope/file')).toMatchObject({ code: 1, err: "sh: can't create /nope/file: nonexistent directory\n" });
  });

  it('gives back any text it is given, quoted', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: fc.constantFrom(...'ab \'"$`\\*?[]{}()<>|&;!#~=%\n\t'), maxLength: 12 }), { minLength: 1, maxLength: 4 }), async (words) => {
        const quoted = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
        expect((await run(`printf '[%s]' ${quoted.join(' ')}`)).out).toBe(words.map((word) => `[${word}]`).join(''));
      }),
      { numRuns: 200 },
    );
  });

  it('never fails inside, whatever the script', async () => {
    const words = fc.constantFrom(
      'if',
      'then',
      'fi',
      'while',
      'do',
      'done',
      'case',
      'esac',
      'in',
      '{',
      '}',
      '(',
      ')',
      ';',
      '|',
      '&&',
      '$(',
      '$((',
      '))',
      '`',
      '"',
      "'",
      'echo',
      'x=1',
      '$x',
      '${x',
      '>',
      '<',
      '\n',
      ';;',
      '!',
      'f()',
      '#',
      '\\',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(words, { maxLength: 10 }), async (script) => {
        expect((await run(script.join(' '))).code).toBeLessThan(139);
      }),
      { numRuns: 300 },
    );
  });

  it('does not let an endless loop take the machine', async () => {
    const { id } = await world.h.start('busybox', { spec: { command: ['sh', '-c', 'while true; do :; done'] } });
    expect((await run('echo alive')).out).toBe('alive\n');
    await world.runtime.stopContainer(id, 0);
    expect(await world.runtime.containerStatus(id)).toMatchObject({ exitCode: 137 });
  });

  it('reads its commands from standard input', async () => {
    expect(await world.h.exec(container, ['sh'], 'x=1\nif [ $x = 1 ]\nthen\n  echo one\nfi\nread line\nthis is data\necho $line\nexit 4\n')).toMatchObject({
      out: 'one\nthis is data\n',
      code: 4,
    });
  });
});
