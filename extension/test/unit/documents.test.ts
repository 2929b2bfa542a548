import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comparison, fileAt } from '../../src/documents.js';

const COMMIT = 'a'.repeat(40);
const PARENT = 'b'.repeat(40);

test('a change compares the parent’s file with the commit’s, under its old name where it was renamed', () => {
    const change = { path: 'src/new.py', oldPath: 'src/old.py', kind: 'renamed' };
    const { left, right, title } = comparison(change, { commit: COMMIT, parent: PARENT });
    assert.equal(left.toString(), `anvcs:/src/old.py?${PARENT}`);
    assert.equal(right.toString(), `anvcs:/src/new.py?${COMMIT}`);
    assert.equal(title, 'new.py (bbbbbbb ↔ aaaaaaa)');
});

test('the first commit compares with nothing', () => {
    const { left, right, title } = comparison({ path: 'a.py', kind: 'added' }, { commit: COMMIT });
    assert.equal(left.toString(), 'anvcs-local:/a.py?empty');
    assert.equal(right.toString(), `anvcs:/a.py?${COMMIT}`);
    assert.equal(title, 'a.py (∅ ↔ aaaaaaa)');
});

test('another repository than the server’s first is named', () => {
    assert.equal(fileAt(COMMIT, 'a.py', '/w/two').toString(), `anvcs:/a.py?${COMMIT}&folder=/w/two`);
});
