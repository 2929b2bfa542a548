import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
    type Answer,
    type CommitPorts,
    commit,
    describeResult,
    describeSelection,
    type Question,
} from '../../src/commit/flow.js';
import { ProblemError, problemOf } from '../../src/problem.js';
import type { CommitParams, CommitResult, RepositoryStatus } from '../../src/wire.js';

const RESULT: CommitResult = {
    commitId: `b3:${'a'.repeat(64)}`,
    gitCommit: `abc1234${'0'.repeat(33)}`,
    changeId: 'k'.repeat(32),
    operationId: `b3:${'b'.repeat(64)}`,
    stream: 'main',
};
const CHANGED: RepositoryStatus = {
    root: '/repo',
    initialized: true,
    stream: 'main',
    unstaged: [{ path: 'a.py', kind: 'modified' }],
    untracked: ['b.py'],
};

/** A window that answers questions from a list, and a server that takes every commit. */
class Fake implements CommitPorts {
    questions: Question[] = [];
    committed: CommitParams[] = [];
    saved = 0;
    inits = 0;
    dirty = 0;
    unsavedChoice: Awaited<ReturnType<CommitPorts['askUnsaved']>>;
    confirmsInit = true;
    askForDetails = true;
    remembered = { model: '', agent: '' };
    box: string | undefined;

    constructor(
        public answers: Answer[],
        public current: RepositoryStatus = CHANGED,
    ) {}

    status = async () => this.current;
    init = async () => {
        this.inits += 1;
        this.current = { ...this.current, initialized: true };
    };
    commit = async (params: CommitParams) => {
        this.committed.push(params);
        return RESULT;
    };
    ask = async (question: Question) => {
        this.questions.push(question);
        return this.answers.shift();
    };
    confirmInit = async () => this.confirmsInit;
    unsaved = () => this.dirty;
    askUnsaved = async () => this.unsavedChoice;
    saveAll = async () => {
        this.saved += 1;
        return true;
    };
    draft = () =>
        this.box === undefined
            ? undefined
            : {
                  text: this.box,
                  clear: () => {
                      this.box = undefined;
                  },
              };
    remember = async (values: { model: string; agent: string }) => {
        this.remembered = values;
    };
}

const say = (...values: string[]): Answer[] => values.map((value) => ({ value }));

test('message, prompt, model and agent are asked in order and sent as metadata', async () => {
    const fake = new Fake(say(' Add b ', 'please add b', 'model-1', 'foo'));
    assert.equal(await commit(fake, { folder: '/repo' }), RESULT);
    assert.deepEqual(fake.committed, [
        {
            folder: '/repo',
            message: 'Add b',
            metadata: { prompt: 'please add b', model: 'model-1', agentId: 'agent:foo' },
        },
    ]);
    assert.deepEqual(
        fake.questions.map(({ step, steps }) => [step, steps]),
        [
            [1, 4],
            [2, 4],
            [3, 4],
            [4, 4],
        ],
    );
});

test('Enter skips what is optional, and no empty field is sent', async () => {
    const fake = new Fake(say('Add b', '', '', ''));
    await commit(fake);
    assert.deepEqual(fake.committed, [{ message: 'Add b' }]);
});

test('Escape anywhere cancels everything', async () => {
    for (let answered = 0; answered < 4; answered += 1) {
        const fake = new Fake([...say('Add b', 'p', 'm', 'a').slice(0, answered), undefined]);
        assert.equal(await commit(fake), undefined);
        assert.deepEqual(fake.committed, []);
        assert.deepEqual(fake.remembered, { model: '', agent: '' });
    }
});

test('model and agent are remembered and come back filled in; prompt and message do not', async () => {
    const fake = new Fake(say('One', 'p', 'model-1', 'foo'));
    await commit(fake);
    assert.deepEqual(fake.remembered, { model: 'model-1', agent: 'agent:foo' });
    fake.answers = say('Two', '', 'model-1', 'agent:foo');
    fake.questions = [];
    await commit(fake);
    assert.deepEqual(
        fake.questions.map(({ value }) => value),
        ['', '', 'model-1', 'agent:foo'],
    );
});

test('one can step back, and earlier answers are still there', async () => {
    const fake = new Fake([...say('Ad b'), 'back', ...say('Add b', '', '', '')]);
    await commit(fake);
    assert.deepEqual(
        fake.questions.slice(0, 3).map(({ step, value }) => [step, value]),
        [
            [1, ''],
            [2, ''],
            [1, 'Ad b'],
        ],
    );
    assert.equal(fake.committed[0]?.message, 'Add b');
});

test('an empty message and a malformed agent are refused where they are typed', async () => {
    const fake = new Fake([undefined]);
    await commit(fake);
    assert.ok(fake.questions[0]?.validate('  '));
    assert.equal(fake.questions[0]?.validate('x'), undefined);
    fake.answers = say('x', '', '');
    await commit(fake);
    const agent = fake.questions.at(-1);
    assert.ok(agent?.validate('two words'));
    assert.ok(agent?.validate('agent:'));
    for (const good of ['', 'foo', 'agent:foo', 'human:ada']) {
        assert.equal(agent?.validate(good), undefined, good);
    }
});

test('only the message is asked where details are switched off, and none are sent', async () => {
    const fake = new Fake(say('Add b'));
    fake.askForDetails = false;
    fake.remembered = { model: 'model-1', agent: 'agent:foo' };
    await commit(fake);
    assert.deepEqual(fake.committed, [{ message: 'Add b' }]);
});

test('what is known from the arguments is not asked', async () => {
    const fake = new Fake([]);
    fake.dirty = 2;
    const args = { folder: '/repo', message: 'Add b', prompt: 'p', model: 'm', agent: 'foo', paths: ['b.py'] };
    assert.equal(await commit(fake, args), RESULT);
    assert.deepEqual(fake.questions, []);
    assert.deepEqual(fake.committed, [
        {
            folder: '/repo',
            message: 'Add b',
            paths: ['b.py'],
            metadata: { prompt: 'p', model: 'm', agentId: 'agent:foo' },
        },
    ]);
});

test('unsaved editors: save them, leave them, or stop', async () => {
    for (const [choice, saved, commits] of [
        ['save', 1, 1],
        ['saved-state', 0, 1],
        [undefined, 0, 0],
    ] as const) {
        const fake = new Fake(say('Add b', '', '', ''));
        fake.dirty = 3;
        fake.unsavedChoice = choice;
        await commit(fake);
        assert.deepEqual([fake.saved, fake.committed.length], [saved, commits], String(choice));
    }
});

test('a repository without ANVCS is initialized if the user agrees, and the commit goes on', async () => {
    const fake = new Fake(say('Add b', '', '', ''), { ...CHANGED, initialized: false });
    await commit(fake);
    assert.deepEqual([fake.inits, fake.committed.length], [1, 1]);
    const refusing = new Fake(say('Add b'), { ...CHANGED, initialized: false });
    refusing.confirmsInit = false;
    assert.equal(await commit(refusing), undefined);
    assert.deepEqual([refusing.inits, refusing.committed.length], [0, 0]);
});

test('the same when the server refuses the status of such a repository', async () => {
    const fake = new Fake(say('Add b', '', '', ''));
    fake.status = async () => {
        if (fake.inits === 0) {
            throw Object.assign(new Error(), { data: { code: 'not-initialized', message: 'Not initialized.' } });
        }
        return CHANGED;
    };
    await commit(fake);
    assert.deepEqual([fake.inits, fake.committed.length], [1, 1]);
});

test('nothing to commit is said before anything is asked', async () => {
    const fake = new Fake(say('Add b'), { root: '/repo', initialized: true });
    await assert.rejects(commit(fake), (error) => problemOf(error).code === 'nothing-to-commit');
    assert.deepEqual(fake.questions, []);
});

test('a merge that changes nothing can still be concluded', async () => {
    const fake = new Fake(say('Merge', '', '', ''), { root: '/repo', initialized: true, inProgress: 'merge' });
    assert.equal(await commit(fake), RESULT);
});

test('a draft in the Source Control box is the message, all its lines, and is cleared after success only', async () => {
    const draft = 'Subject\n\nBody one\nBody two\n';
    const fake = new Fake(say('Subject', '', '', ''));
    fake.box = draft;
    await commit(fake);
    assert.equal(fake.questions[0]?.value, 'Subject');
    assert.equal(fake.committed[0]?.message, 'Subject\n\nBody one\nBody two');
    assert.equal(fake.box, undefined);
    const failing = new Fake(say('Subject', '', '', ''));
    failing.box = draft;
    failing.commit = () => Promise.reject(new ProblemError({ code: 'hook-failed', message: 'No.' }));
    await assert.rejects(commit(failing));
    assert.equal(failing.box, draft);
});

test('the prompt says what will be taken', () => {
    assert.match(describeSelection(CHANGED), /every change \(changed files: 1, new: 1\) to main/);
    const staged: RepositoryStatus = { ...CHANGED, staged: [{ path: 'a.py', kind: 'modified' }] };
    assert.match(describeSelection(staged), /what is staged \(files: 1\) to main/);
    const { stream: _, ...detached } = CHANGED;
    assert.match(describeSelection(detached), /the detached HEAD/);
});

test('the result says id and stream, and which secrets were replaced', () => {
    assert.equal(describeResult(RESULT), 'Committed abc1234 to main');
    assert.equal(
        describeResult({ ...RESULT, redacted: ['prompt'], notices: ['Signed.'] }),
        'Committed abc1234 to main. Likely secrets were replaced in: prompt. Signed.',
    );
});
