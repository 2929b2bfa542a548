import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasCode, localProblem, problemOf, sentence } from '../../src/problem.js';

test('the server’s problem travels in the data of its error', () => {
    const data = { code: 'hook-failed', message: 'The hook refused.', wayOut: 'Fix it.', output: 'lint: no' };
    assert.deepEqual(problemOf(Object.assign(new Error('x'), { code: -32054, data })), data);
});

test('a cancelled request is a cancellation, with or without data', () => {
    assert.equal(problemOf({ code: -32800, message: 'Cancelled' }).code, 'cancelled');
    assert.equal(problemOf(Object.assign(new Error('Canceled'), { name: 'Canceled' })).code, 'cancelled');
});

test('a connection that ended says that nobody knows whether it was done', () => {
    const problem = problemOf({ code: -32097, message: 'Pending response rejected since connection got disposed' });
    assert.equal(problem.code, 'server-failed');
    assert.match(problem.wayOut ?? '', /whether it was done/);
});

test('anything else that is thrown is internal and keeps its words', () => {
    assert.equal(problemOf(new Error('boom')).message, 'boom');
    assert.equal(problemOf('boom').message, 'boom');
    assert.ok(hasCode(undefined, 'internal'));
});

test('a problem reads as sentences', () => {
    assert.equal(sentence(localProblem('no-server', 'None.', 'Make one.').problem), 'None. Make one.');
    assert.equal(sentence({ code: 'x', message: 'None.' }), 'None.');
});
