import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { type AssistContext, AssistPart, assistCommands } from '../../src/merge/assist.js';
import { complete, type Models } from '../../src/merge/models.js';
import { describeSuggestion, questions, withSuggestion } from '../../src/merge/suggestions.js';
import type { AssistCompleteParams, MergeConflict, Proposal, ProposalAssisted, Suggestion } from '../../src/wire.js';
import { settled } from '../merges.js';
import { RESULTS, screen, Uri } from '../vscode.js';

const PROMPT: AssistCompleteParams = {
    messages: [
        { role: 'system', content: 'Merge.' },
        { role: 'user', content: '{}' },
    ],
};
const TREE = '8'.repeat(40);
const SUGGESTION: Suggestion = {
    suggestionId: `b3:${'5e'.repeat(32)}`,
    text: 'both\n',
    rationale: 'Both are meant.',
    safe: true,
    provider: 'editor',
    place: 'the editor',
    model: 'copilot/x',
    promptHash: `b3:${'9f'.repeat(32)}`,
    actor: 'human:ada@example.org',
    time: 1,
};
const CONFLICT: MergeConflict = { number: 1, line: 2, endLine: 6, left: 'a\n', right: 'b\n' };
const MARKED = 'one\n<<<<<<< main\na\n=======\nb\n>>>>>>> tides\nthree\n';
const PROPOSAL: Proposal = {
    proposalId: `b3:${'a'.repeat(64)}`,
    status: 'blocked',
    target: 'main',
    sources: [{ name: 'tides', gitCommit: '1'.repeat(40) }],
    actor: 'human:ada@example.org',
    time: 1,
    updated: 1,
    tree: TREE,
    conflicts: 1,
    canAssist: true,
    files: [
        { path: 'z.py', how: 'conflict', open: true, conflicts: [CONFLICT] },
        { path: 'done.py', how: 'conflict', conflicts: [{ number: 1, line: 0 }] },
    ],
};

interface Sent {
    readonly messages: readonly { readonly role: number; readonly content: string }[];
    readonly options: { readonly justification?: string };
    readonly token: unknown;
}

/** Language models as an editor has them: each says the same in pieces. */
function models(sent: Sent[], names: readonly string[], pieces: readonly string[]): Models {
    const found = names.map((id) => ({
        id,
        family: `${id}-family`,
        vendor: 'copilot',
        sendRequest: async (messages: Sent['messages'], options: Sent['options'], token: unknown) => {
            sent.push({ messages, options, token });
            return {
                text: (async function* () {
                    yield* pieces;
                })(),
            };
        },
    }));
    return { selectChatModels: async () => found as never };
}

const token = {} as never;

test('a model of the editor is sent the prompt and nothing else', async () => {
    const sent: Sent[] = [];
    const answer = await complete(models(sent, ['x', 'y'], ['{"text"', ': null}']), '', PROMPT, token);
    assert.deepEqual(answer, { content: '{"text": null}', model: 'copilot/x' });
    assert.deepEqual(
        sent.map(({ messages }) => messages.map(({ content }) => content)),
        [['Merge.', '{}']],
    );
    assert.equal(sent[0]?.token, token);
    assert.ok(sent[0]?.options.justification);
});

test('the model is the one that the user set, by id or family', async () => {
    const editor = models([], ['x', 'y'], ['a']);
    assert.equal((await complete(editor, 'y', PROMPT, token)).model, 'copilot/y');
    assert.equal((await complete(editor, 'y-family', PROMPT, token)).model, 'copilot/y');
    await assert.rejects(complete(editor, 'z', PROMPT, token), /There is no language model z/);
    await assert.rejects(complete(models([], [], []), '', PROMPT, token), /has no language model/);
});

test('a model that does not stop is left', async () => {
    const endless = models([], ['x'], ['a'.repeat(1 << 20), 'b']);
    await assert.rejects(complete(endless, '', PROMPT, token), /does not stop/);
});

type Answer = (params: AssistCompleteParams, token: unknown) => unknown;

/** The part with its settings, and how it answers the server. */
function part(settings: Record<string, unknown>, editor: Models | undefined) {
    const made = new AssistPart(editor, (name, otherwise) => (settings[name] ?? otherwise) as typeof otherwise);
    let answer: Answer = () => undefined;
    made.attach({
        onRequest: (_: unknown, handler: Answer) => {
            answer = handler;
        },
    } as never);
    return { made, answer: (params: AssistCompleteParams) => answer(params, token) };
}

test('as installed no model is offered, and none is asked', () => {
    const sent: Sent[] = [];
    const editor = models(sent, ['x'], ['a']);
    assert.deepEqual(part({}, editor).made.initializationOptions(), { assist: { complete: false } });
    assert.throws(() => part({}, editor).answer(PROMPT), /switched off/);
    assert.deepEqual(part({ enabled: true }, undefined).made.initializationOptions(), { assist: { complete: false } });
    assert.deepEqual(sent, []);
});

test('switched on, the model is offered and answers the server', async () => {
    const { made, answer } = part({ enabled: true, model: 'y' }, models([], ['x', 'y'], ['hello']));
    assert.deepEqual(made.initializationOptions(), { assist: { complete: true } });
    assert.deepEqual(await answer(PROMPT), { content: 'hello', model: 'copilot/y' });
});

test('the server’s quick fixes lead to our commands; other commands go to the server', async () => {
    screen.commands.length = 0;
    const { executeCommand } = part({}, undefined).made.middleware;
    const next = async (command: string) => `${command} there`;
    await executeCommand?.('ai-vcs.proposal.assist', [{ path: 'z.py' }], next);
    await executeCommand?.('ai-vcs.proposal.resolve', [{ take: 'left' }], next);
    assert.deepEqual(screen.commands, [
        ['anvcs.proposal.suggest', { path: 'z.py' }],
        ['anvcs.proposal.resolve', { take: 'left' }],
    ]);
    assert.equal(await executeCommand?.('ai-vcs.status', [], next), 'ai-vcs.status there');
});

test('a suggestion stands where the conflict’s lines stood, and only there', () => {
    assert.equal(withSuggestion(MARKED, CONFLICT, 'both\n'), 'one\nboth\nthree\n');
    assert.equal(withSuggestion(MARKED, CONFLICT, 'both'), 'one\nboth\nthree\n');
    assert.equal(withSuggestion(MARKED, CONFLICT, ''), 'one\nthree\n');
    const crlf = MARKED.replaceAll('\n', '\r\n');
    assert.equal(withSuggestion(crlf, CONFLICT, 'both\r\n'), 'one\r\nboth\r\nthree\r\n');
    const atEnd = MARKED.replace('three\n', '');
    assert.equal(withSuggestion(atEnd, CONFLICT, 'both'), 'one\nboth');
});

test('a suggestion says who made it, why, and what is wrong with it', () => {
    const lost = { path: 'z.py', kind: 'lost', message: 'Edits are lost: b.', severity: 'hard' } as const;
    assert.equal(describeSuggestion(SUGGESTION), 'copilot/x suggests this: Both are meant.');
    assert.equal(
        describeSuggestion({ ...SUGGESTION, rationale: '', safe: false, findings: [lost] }),
        'copilot/x suggests this. It is not safe: Edits are lost: b.',
    );
    const { text: _, ...undecided } = SUGGESTION;
    assert.equal(describeSuggestion(undecided), 'copilot/x could not decide: Both are meant.');
});

test('only what nobody has decided is asked about', () => {
    assert.deepEqual(
        questions(PROPOSAL, '/repo').map(({ path, conflict, folder }) => [path, conflict, folder]),
        [['z.py', 1, '/repo']],
    );
});

interface Asked {
    readonly verb: string;
    readonly params: Record<string, unknown>;
}

/** The command, with a server that answers so. */
function suggesting(answer: Partial<ProposalAssisted>) {
    const asked: Asked[] = [];
    const held: Record<string, string> = {};
    const context = {
        server: {
            execute: async (verb: string, params: Record<string, unknown>) => {
                asked.push({ verb, params });
                const answers: Record<string, unknown> = {
                    'proposal.assist': { proposal: PROPOSAL, ...answer },
                    'proposal.resolve': { proposal: { ...PROPOSAL, obstacles: [] } },
                    'proposal.list': { proposals: [PROPOSAL] },
                    'proposal.show': { proposal: PROPOSAL },
                };
                return answers[verb];
            },
        },
        chooser: { choose: async () => '/repo' },
        views: { refresh: () => undefined },
        results: RESULTS,
        log: { info: () => undefined },
        documents: {
            hold: (name: string, text: string) => {
                held[name] = text;
                return Uri.from({ scheme: 'anvcs-local', path: `/${name}` });
            },
        },
    } as unknown as AssistContext;
    return { command: assistCommands(context)['anvcs.proposal.suggest'], asked, held };
}

const QUESTION = { proposal: PROPOSAL.proposalId, path: 'z.py', conflict: 1, folder: '/repo' };
const RIGHT = { asked: [{ path: 'z.py', conflict: 1, suggestion: SUGGESTION }] };

beforeEach(() => {
    screen.shown.length = 0;
    screen.answers.length = 0;
    screen.commands.length = 0;
    screen.texts.clear();
    screen.texts.set(`anvcs:/z.py?tree:${TREE}&folder=/repo`, MARKED);
});

test('a suggestion is seen beside what is there, and applied only if the user says so', async () => {
    const { command, asked, held } = suggesting(RIGHT);
    screen.answers.push('Apply');
    await command?.(QUESTION as never);
    await settled();
    assert.deepEqual(held, { '5e5e5e5e/z.py': 'one\nboth\nthree\n' });
    const [[diff, before, after] = []] = screen.commands;
    assert.equal(diff, 'vscode.diff');
    assert.equal(String(before), `anvcs:/z.py?tree:${TREE}&folder=/repo`);
    assert.equal(String(after), 'anvcs-local:/5e5e5e5e/z.py');
    assert.deepEqual(screen.shown[0], {
        text: 'z.py, 1: copilot/x suggests this: Both are meant.',
        buttons: ['Apply', 'Discard'],
        warning: false,
    });
    assert.deepEqual(asked, [
        { verb: 'proposal.assist', params: QUESTION },
        {
            verb: 'proposal.resolve',
            params: { ...QUESTION, take: 'suggestion', suggestion: SUGGESTION.suggestionId },
        },
    ]);
});

test('a suggestion that is discarded, or not answered, changes nothing', async () => {
    for (const answers of [['Discard'], []]) {
        const { command, asked } = suggesting(RIGHT);
        screen.answers.push(...answers);
        await command?.(QUESTION as never);
        await settled();
        assert.deepEqual(
            asked.map(({ verb }) => verb),
            ['proposal.assist'],
        );
    }
});

test('what is not safe is a warning', async () => {
    const findings = [{ path: 'z.py', kind: 'lost', message: 'Edits are lost: b.', severity: 'hard' }] as const;
    const { command } = suggesting({
        asked: [{ path: 'z.py', conflict: 1, suggestion: { ...SUGGESTION, safe: false, findings: [...findings] } }],
    });
    await command?.(QUESTION as never);
    assert.equal(screen.shown[0]?.warning, true);
    assert.deepEqual(screen.shown[0]?.buttons, ['Discard', 'Apply']);
    assert.match(screen.shown[0]?.text ?? '', /It is not safe: Edits are lost: b\./);
});

test('that a model cannot decide is said, and there is nothing to apply', async () => {
    const { text: _, ...undecided } = SUGGESTION;
    const { command } = suggesting({ asked: [{ path: 'z.py', conflict: 1, suggestion: undecided }] });
    await command?.(QUESTION as never);
    assert.deepEqual(screen.shown[0]?.buttons, []);
    assert.deepEqual(screen.commands, []);
});

test('why there is no suggestion is a problem with its way out', async () => {
    const problem = { code: 'assist-conflict', message: 'It cannot be used.', wayOut: 'Ask again.' };
    const { command } = suggesting({ asked: [{ path: 'z.py', conflict: 1, problem }] });
    await assert.rejects(async () => command?.(QUESTION as never), /It cannot be used\. Ask again\./);
});

test('from the palette the only conflict of the only merge is asked about', async () => {
    const { command, asked } = suggesting(RIGHT);
    await command?.();
    assert.deepEqual(
        asked.map(({ verb }) => verb),
        ['proposal.list', 'proposal.show', 'proposal.assist'],
    );
    assert.deepEqual(asked[2]?.params, QUESTION);
});
