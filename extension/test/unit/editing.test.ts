import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type * as vscode from 'vscode';
import { EditedResults, editedAt, editedOf, hasMarkers } from '../../src/merge/editing.js';
import { localProblem } from '../../src/problem.js';
import type { ProposalsChanged } from '../../src/wire.js';
import { EventEmitter, screen, TextDocumentSaveReason, type Uri, willSave } from '../vscode.js';

const PROPOSAL = `b3:${'a'.repeat(64)}`;
const MARKED = 'one\n<<<<<<< main (def low: both-edit)\na\n=======\nb\n>>>>>>> moon\n';
const EDITED = { proposal: PROPOSAL, path: 'z.py', folder: '/repo' };
const URI = editedAt(EDITED);

/** The files of a merge whose result's text is so; what was asked and told. */
function files(resolve: () => unknown = () => undefined) {
    const asked: unknown[][] = [];
    const told: string[] = [];
    const kept = new Map<string, unknown>();
    const changes = new EventEmitter<ProposalsChanged>();
    let tree = '8'.repeat(40);
    const show = (text: string) => {
        tree = String(Number(tree[0]) + 1).repeat(40);
        screen.texts.set(`anvcs:/z.py?tree:${tree}&folder=/repo`, text);
    };
    show(MARKED);
    const server = {
        onDidChangeProposals: changes.event,
        execute: async (verb: string, params: unknown) => {
            if (verb === 'proposal.resolve') {
                asked.push([verb, params]);
                resolve();
            }
            return { proposal: { proposalId: PROPOSAL, tree } };
        },
    };
    const memory = {
        get: (key: string, otherwise: unknown) => kept.get(key) ?? otherwise,
        update: async (key: string, value: unknown) => void kept.set(key, value),
    };
    const made = new EditedResults(server as never, memory as unknown as vscode.Memento, {
        decided: ({ path }) => told.push(`decided ${path}`),
        kept: ({ path }) => told.push(`kept ${path}`),
        overtaken: ({ path }) => told.push(`overtaken ${path}`),
    });
    const read = async () => new TextDecoder().decode(await made.readFile(URI));
    const save = async (text: string, reason = TextDocumentSaveReason.Manual) => {
        willSave.fire({ document: { uri: URI as unknown as Uri }, reason });
        await made.writeFile(URI, new TextEncoder().encode(text));
    };
    const elsewhere = async (text: string) => {
        show(text);
        changes.fire({ root: '/repo', proposals: [{ proposalId: PROPOSAL } as never] });
        await new Promise((done) => setImmediate(done));
    };
    return { made, asked, told, read, save, elsewhere };
}

beforeEach(() => {
    screen.documents.length = 0;
    screen.texts.clear();
});

test('the address of an edited file says of which merge and repository it is', () => {
    for (const folder of ['/a repo & more', undefined]) {
        const edited = { proposal: PROPOSAL, path: 'src/a?.py', folder };
        assert.deepEqual(editedOf(editedAt(edited)), edited);
    }
});

test('a text with conflict markers decides nothing; what only looks like them does', () => {
    assert.ok(hasMarkers(MARKED));
    assert.ok(hasMarkers('a\r\n>>>>>>> moon\r\n'));
    assert.ok(hasMarkers('<<<<<<<\n'));
    assert.ok(!hasMarkers('a\n=======\nb\n'));
    assert.ok(!hasMarkers('a <<<<<<< b\n<<<<<<<b\n'));
});

test('saving a whole text decides the file', async () => {
    const { asked, told, read, save } = files();
    assert.equal(await read(), MARKED);
    await save('one\nboth\n');
    const params = { folder: '/repo', proposal: PROPOSAL, path: 'z.py', text: 'one\nboth\n' };
    assert.deepEqual(asked, [['proposal.resolve', params]]);
    assert.deepEqual(told, ['decided z.py']);
});

test('a text with markers left is kept, and so is what the editor saves by itself', async () => {
    const { asked, told, read, save, made } = files();
    const half = `${MARKED}# half done\n`;
    await save(half);
    assert.deepEqual(told, ['kept z.py']);
    assert.equal(await read(), half);
    await save('one\nbo', TextDocumentSaveReason.AfterDelay);
    assert.equal(await read(), 'one\nbo');
    assert.equal((await made.stat(URI)).size, 6);
    assert.deepEqual([asked, told.length], [[], 1]);
    await save('one\nboth\n');
    assert.deepEqual(told, ['kept z.py', 'decided z.py']);
    assert.equal(await read(), MARKED);
});

test('a decision that is refused is not saved, and says why', async () => {
    const { told, save } = files(() => {
        throw localProblem('proposal', 'It has landed.', 'Propose it again.');
    });
    await assert.rejects(async () => save('one\n'), /It has landed\. Propose it again\./);
    assert.deepEqual(told, []);
});

test('a file follows what others decide, unless somebody is writing in it', async () => {
    const { made, told, read, save, elsewhere } = files();
    const changed: unknown[] = [];
    made.onDidChangeFile((events) => changed.push(...events));
    await read();
    const { mtime } = await made.stat(URI);
    screen.documents.push({ uri: URI as unknown as Uri, isDirty: false });
    await elsewhere(MARKED);
    assert.deepEqual(changed, []);
    await elsewhere('theirs\n');
    assert.equal(changed.length, 1);
    assert.equal(await read(), 'theirs\n');
    assert.ok((await made.stat(URI)).mtime > mtime);
    await save(`${MARKED}# mine\n`);
    await elsewhere('theirs again\n');
    assert.deepEqual([changed.length, told], [1, ['kept z.py', 'overtaken z.py']]);
    assert.equal(await read(), `${MARKED}# mine\n`);
});
