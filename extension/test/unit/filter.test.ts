import assert from 'node:assert/strict';
import { test } from 'node:test';
import { format, parse, without } from '../../webview/graph/filter.js';

const FULL = { agent: 'foo', author: 'Ada L', path: 'src/a b', since: '2w', tests: 'passed' } as const;

test('every field is read, in any order, quoted where it holds spaces', () => {
    const text = 'tests:passed since:2w path:"src/a b" author:"Ada L" agent:foo';
    assert.deepEqual(parse(text), { filter: FULL });
});

test('what is written is what was read', () => {
    assert.deepEqual(parse(format(FULL)), { filter: FULL });
    assert.deepEqual(parse('author:O"Brien agent:agent:foo'), { filter: { author: 'O"Brien', agent: 'agent:foo' } });
    assert.deepEqual(parse(format({ author: 'O"Brien' })), { filter: { author: 'O"Brien' } });
});

test('an empty box filters nothing', () => {
    assert.deepEqual(parse('   '), { filter: {} });
    assert.equal(format({}), '');
});

test('a quote that is still open reaches to the end', () => {
    assert.deepEqual(parse('author:"Ada L'), { filter: { author: 'Ada L' } });
});

test('what is no filter is named', () => {
    for (const [text, expected] of [
        ['hello', 'hello'],
        ['branch:main', 'branch:main'],
        ['agent:', 'agent: needs a value.'],
        ['agent:a agent:b', 'agent: is there twice.'],
        ['tests:maybe', 'tests: is one of passed, failed, unknown.'],
    ] as const) {
        const parsed = parse(text);
        assert.ok('error' in parsed && parsed.error.includes(expected), `${text}: ${JSON.stringify(parsed)}`);
    }
});

test('a chip removes its field only', () => {
    assert.deepEqual(without({ agent: 'foo', since: '2w' }, 'agent'), { since: '2w' });
});
