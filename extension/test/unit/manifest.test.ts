import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { COLOURS, colourId } from '../../src/rooms/colours.js';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const { colors, commands, configuration, keybindings, menus, walkthroughs } = manifest.contributes;
const keyOf = ({ key }: { key: string }) => key;

test('every command has our category and says when it is enabled, unless it always is', () => {
    const always = new Set(['anvcs.logs.show', 'anvcs.commit.copyId']);
    for (const { command, category, enablement } of commands) {
        assert.equal(category, 'ANVCS', command);
        assert.equal(enablement === undefined, always.has(command), command);
    }
});

test('each command of the manifest is registered, and each registered one is in the manifest', () => {
    const files = [
        'extension',
        'history/actions',
        'history/streamActions',
        'merge/assist',
        'merge/deciding',
        'merge/editing',
        'merge/proposalActions',
        'merge/queue',
        'rooms/commands',
        'rooms/changes',
        'rooms/playback',
    ];
    const source = files.map((file) => readFileSync(`src/${file}.ts`, 'utf8')).join('\n');
    const registered = [...source.matchAll(/^ {8}'(anvcs\.[\w.]+)':/gm)].map(([, command]) => command);
    assert.deepEqual(commands.map(({ command }: { command: string }) => command).sort(), registered.sort());
});

test('menus name commands that exist', () => {
    const known = new Set(commands.map(({ command }: { command: string }) => command));
    for (const { command } of (Object.values(menus) as { command: string }[][]).flat()) {
        assert.ok(known.has(command), command);
    }
});

test('settings are few, and the one that names a program is restricted in an untrusted workspace', () => {
    const settings = Object.keys(configuration.properties);
    assert.ok(settings.length <= 10);
    const { untrustedWorkspaces, virtualWorkspaces } = manifest.capabilities;
    assert.equal(untrustedWorkspaces.supported, 'limited');
    assert.deepEqual(untrustedWorkspaces.restrictedConfigurations, ['anvcs.server.path']);
    assert.equal(virtualWorkspaces.supported, false);
    assert.deepEqual(manifest.extensionKind, ['workspace']);
});

test('a workspace cannot switch rooms on, and as installed they are only asked about', () => {
    const rooms = configuration.properties['anvcs.rooms'];
    assert.equal(rooms.scope, 'application');
    assert.equal(rooms.default, 'ask');
});

test('undo, redo and save of rooms have their keys in the text of a room only; elsewhere the editor’s own run', () => {
    const ofRooms = ({ command }: { command: string }) => command.startsWith('anvcs.rooms.');
    for (const { command, when } of (keybindings as { command: string; when: string }[]).filter(ofRooms)) {
        const inText = when === 'anvcs.inRoom && editorTextFocus && !editorSimpleInput';
        assert.ok(when.startsWith('anvcs.inRoom && '), command);
        assert.equal(inText, !command.startsWith('anvcs.rooms.editor'), command);
    }
    const keys = (command: string) =>
        keybindings.filter((binding: { command: string }) => binding.command === command).map(keyOf);
    assert.deepEqual(keys('anvcs.rooms.redo'), ['ctrl+shift+z', 'ctrl+y']);
    assert.deepEqual(new Set(keys('anvcs.rooms.editorRedo')), new Set(keys('anvcs.rooms.redo')));
    assert.deepEqual(new Set(keys('anvcs.rooms.editorUndo')), new Set(keys('anvcs.rooms.undo')));
});

test('every participant has a colour in each kind of theme, and one for behind text', () => {
    const known = new Map(colors.map(({ id, defaults }: { id: string; defaults: object }) => [id, defaults]));
    for (let colour = 0; colour < COLOURS; colour += 1) {
        for (const id of [colourId(colour), `${colourId(colour)}Background`]) {
            assert.deepEqual(
                Object.keys((known.get(id) as object) ?? {}),
                ['light', 'dark', 'highContrast', 'highContrastLight'],
                id,
            );
        }
    }
});

test('the types are those of the oldest editor we run in', () => {
    assert.equal(manifest.engines.vscode, `^${manifest.devDependencies['@types/vscode']}`);
});

test('the pictures and pages of the walkthrough are there', () => {
    for (const { media } of walkthroughs[0].steps) {
        assert.ok(existsSync(media.markdown), media.markdown);
    }
    assert.ok(walkthroughs[0].steps.length <= 5);
    assert.ok(existsSync(manifest.icon));
});

test('the lock file names no registry', () => {
    assert.doesNotMatch(readFileSync('package-lock.json', 'utf8'), /"resolved"|https?:\/\/[^"]*registry/);
});

test('the extension and the server have one version', () => {
    const version = /__version__ = "([^"]+)"/.exec(readFileSync('../server/anvcs/__init__.py', 'utf8'))?.[1];
    assert.equal(manifest.version, version);
});
