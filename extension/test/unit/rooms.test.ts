import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ActorColours, COLOURS, hashed } from '../../src/rooms/colours.js';
import { find, leaves } from '../../src/rooms/follow.js';
import { coloured, describe } from '../../src/rooms/heatmap.js';
import { drawings, Moves } from '../../src/rooms/presence.js';
import { shouldAsk } from '../../src/rooms/question.js';
import { presentRooms, summarize } from '../../src/rooms/situation.js';
import { participants, whoRows } from '../../src/rooms/who.js';
import type { Participant, RoomsStatus } from '../../src/wire.js';
import { Uri } from '../vscode.js';

const place = (line: number, character = 0) => ({ line, character });
const caretAt = (line: number) => ({ anchor: place(line), active: place(line) });
const ADA: Participant = { actor: 'human:ada', name: 'Ada', client: 1, colour: 2, selections: [caretAt(4)] };
const BOT: Participant = { actor: 'agent:bot', name: 'bot', client: 7, colour: 5, selections: [] };
const at = (path: string, participant: Participant) => ({
    uri: Uri.from({ scheme: 'file', path }) as never,
    participant,
});
const ON: RoomsStatus = { mode: 'local' };

test('rooms are what the repository says, and what ails a document shows', () => {
    const joined = { uri: 'a', state: 'joined', undurable: 2 } as const;
    assert.deepEqual(summarize(undefined, []), { kind: 'off', undurable: 0 });
    assert.deepEqual(summarize(ON, [joined, joined]), { kind: 'local', undurable: 4 });
    assert.equal(summarize({ ...ON, paused: true }, []).kind, 'paused');
    assert.equal(summarize(ON, [joined, { uri: 'b', state: 'offline' }]).kind, 'offline');
    assert.equal(summarize(ON, [{ uri: 'b', state: 'desync' }]).kind, 'repairing');
    const refused = { uri: 'b', state: 'refused', reason: 'It is ignored.' } as const;
    assert.equal(summarize(ON, [refused], refused).reason, 'It is ignored.');
});

test('what is switched off says nothing of durability', () => {
    assert.deepEqual(presentRooms({ kind: 'off', undurable: 5 }).lines, ['Rooms are off: nothing is recorded.']);
    assert.equal(presentRooms({ kind: 'offline', undurable: 5 }).icon, '$(debug-disconnect) 5');
});

test('the question is asked once for each repository, and not of those who never want it', () => {
    const asking = { status: { mode: 'off' } as RoomsStatus, setting: 'ask', never: false, now: 1e12 };
    assert.equal(shouldAsk(asking), true);
    assert.equal(shouldAsk({ ...asking, status: undefined }), false);
    assert.equal(shouldAsk({ ...asking, status: ON }), false);
    assert.equal(shouldAsk({ ...asking, status: { mode: 'off', asked: true } }), false);
    assert.equal(shouldAsk({ ...asking, setting: 'off' }), false);
    assert.equal(shouldAsk({ ...asking, never: true }), false);
    assert.equal(shouldAsk({ ...asking, later: asking.now - 1000 }), false);
    assert.equal(shouldAsk({ ...asking, later: asking.now - 8 * 86_400_000 }), true);
});

test('an actor has one colour: the one it was said to have, else always the same', () => {
    const colours = new ActorColours();
    assert.equal(colours.of('agent:bot'), hashed('agent:bot'));
    colours.learn(BOT);
    colours.learn({ ...ADA, colour: COLOURS + 1 });
    assert.equal(colours.of('agent:bot'), 5);
    assert.equal(colours.of('human:ada'), 1);
});

test('carets are drawn in the colour of their actor, named while they move, and those who are elsewhere are not', () => {
    const chosen = { anchor: place(1), active: place(2) };
    const others = [ADA, { ...BOT, selections: [chosen] }, { ...ADA, client: 9, where: 'elsewhere' as const }];
    const moves = new Moves();
    moves.take([ADA], 0);
    moves.take([ADA, BOT], 5000);
    const named = (participant: Participant) => moves.isRecent(participant, 6000);
    const drawn = drawings(others, (actor) => (actor === 'human:ada' ? 2 : 5), named);
    assert.deepEqual(drawn[2], { carets: [{ at: place(4), name: 'Ada', named: false }], selections: [] });
    assert.deepEqual(drawn[5], { carets: [{ at: place(2), name: 'bot', named: true }], selections: [chosen] });
    assert.equal(drawn.flatMap(({ carets }) => carets).length, 2);
});

test('somebody is where they have a cursor', () => {
    const everybody = [at('/r/a.py', { ...ADA, selections: [] }), at('/r/b.py', ADA), at('/r/a.py', BOT)];
    assert.equal(find(everybody, ADA)?.uri.path, '/r/b.py');
    assert.equal(find(everybody, BOT)?.uri.path, '/r/a.py');
    assert.equal(find(everybody, { ...ADA, client: 2 }), undefined);
    assert.deepEqual(
        participants(everybody).map(({ actor }) => actor),
        ['human:ada', 'agent:bot'],
    );
});

test('scrolling the followed line away leaves it', () => {
    assert.equal(leaves([{ start: 0, end: 30 }], 30), false);
    assert.equal(leaves([{ start: 0, end: 30 }], 31), true);
    assert.equal(leaves([], 31), false);
});

test('who is here is listed with file and line, and those elsewhere after them', () => {
    const elsewhere = { actor: 'agent:far', where: 'elsewhere', stream: 'tides' } as const;
    const rows = whoRows([at('/r/b.py', ADA), at('/r/a.py', BOT)], [elsewhere], () => 0);
    assert.deepEqual(
        rows.map(({ label, description }) => [label, description]),
        [
            ['Ada', 'b.py:5'],
            ['bot', 'a.py'],
            ['far', 'elsewhere, on tides'],
        ],
    );
    assert.deepEqual([rows[1]?.icon?.name, rows[0]?.icon?.name], ['hubot', 'account']);
    assert.equal(rows[2]?.command, undefined);
});

test('runs are coloured by who wrote them, and text from before is not', () => {
    const run = { range: { start: place(0), end: place(1) } };
    const written = { ...run, actor: 'agent:bot', how: 'live' } as const;
    const groups = coloured([run, written, { ...run, actor: 'system:git', how: 'base' }], () => 3);
    assert.deepEqual(groups[3], [written]);
    assert.equal(groups.flat().length, 1);
});

test('a run says who wrote it, for what, when, and how that is known', () => {
    const run = { range: { start: place(0), end: place(1) }, actor: 'agent:bot', task: 'tides', time: 0 };
    const said = describe({ ...run, how: 'reported', time: 1000 }, 'en', 61_000);
    assert.equal(said, 'agent:bot · tides · 1 minute ago · reported by the agent');
    assert.equal(describe(run, 'en', 0), 'agent:bot · tides · seen as it was typed');
});
