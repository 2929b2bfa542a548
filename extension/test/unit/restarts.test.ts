import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RestartBudget } from '../../src/server/restarts.js';

test('restarts are bounded in a window of time, and come back after it', () => {
    const budget = new RestartBudget(2, 1000);
    assert.deepEqual(
        [0, 1, 2, 999, 1000, 1001].map((now) => budget.take(now)),
        [true, true, false, false, true, true],
    );
});

test('a start by hand gives a whole budget again', () => {
    const budget = new RestartBudget(1, 1000);
    assert.ok(budget.take(0));
    assert.ok(!budget.take(1));
    budget.reset();
    assert.ok(budget.take(2));
});
