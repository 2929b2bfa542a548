import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { CommitResult, DoctorReport, Problem } from '../../src/wire.js';

const root = () => {
    const folder = vscode.workspace.workspaceFolders?.[0];
    assert.ok(folder, 'the tests need a folder');
    return folder.uri.fsPath;
};
const git = (...args: string[]) => execFileSync('git', args, { cwd: root(), encoding: 'utf8' }).trim();
const write = (name: string, text: string) => writeFileSync(join(root(), name), text);

/** Waits, within mocha's bounds, until a condition gives something. */
async function until<T>(condition: () => T | undefined | false | Thenable<T | undefined>): Promise<T> {
    for (;;) {
        const result = await condition();
        if (result) {
            return result;
        }
        await new Promise((resume) => setTimeout(resume, 50));
    }
}

/** The processes of the language server that this host started. */
function servers(): number[] {
    const children = readdirSync('/proc/self/task').flatMap((task) =>
        readFileSync(`/proc/self/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean),
    );
    const pids = children.map(Number).filter((pid) => /anvcs/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8')));
    assert.ok(pids.length > 0, 'no server runs');
    return pids;
}

/** The open tabs of a webview type. */
function webviews(type: string): vscode.Tab[] {
    return vscode.window.tabGroups.all
        .flatMap(({ tabs }) => tabs)
        .filter(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith(type));
}

async function commit(message: string): Promise<CommitResult> {
    const args = { message, prompt: 'Please.', model: 'model-1', agent: 'tester' };
    const result = await vscode.commands.executeCommand<CommitResult | undefined>('anvcs.commit', args);
    assert.ok(result, 'nothing was committed');
    return result;
}

suite('the extension in its host', () => {
    suiteSetup(async () => {
        await vscode.extensions.getExtension('anvcs.anvcs')?.activate();
        git('config', 'user.name', 'Host Test');
        git('config', 'user.email', 'host@example.org');
    });

    test('every command of the manifest is registered', async () => {
        const manifest = vscode.extensions.getExtension('anvcs.anvcs')?.packageJSON;
        const registered = new Set(await vscode.commands.getCommands(true));
        for (const { command } of manifest.contributes.commands) {
            assert.ok(registered.has(command), command);
        }
    });

    test('a commit by its arguments asks nothing and is the tip of the stream', async () => {
        write('host.txt', 'one\n');
        const result = await commit('Add host.txt');
        assert.equal(git('rev-parse', 'HEAD'), result.gitCommit);
        assert.equal(git('log', '-1', '--format=%s'), 'Add host.txt');
        assert.match(git('log', '-1', '--notes=anvcs', '--format=%N'), /model-1/);
        assert.equal(git('status', '--porcelain'), '');
    });

    test('a file at a commit is a read-only document with the text it had', async () => {
        write('host.txt', 'two\n');
        const { gitCommit } = await commit('Change host.txt');
        const at = async (revision: string) => {
            const uri = vscode.Uri.from({ scheme: 'anvcs', path: '/host.txt', query: revision });
            return (await vscode.workspace.openTextDocument(uri)).getText();
        };
        assert.equal(await at(gitCommit), 'two\n');
        assert.equal(await at(git('rev-parse', 'HEAD^')), 'one\n');
    });

    test('a file that was not there at a commit is empty', async () => {
        write('new.txt', 'new\n');
        const { gitCommit } = await commit('Add new.txt');
        const [parent] = git('rev-parse', `${gitCommit}^`).split('\n');
        const uri = vscode.Uri.from({ scheme: 'anvcs', path: '/new.txt', query: parent ?? '' });
        assert.equal((await vscode.workspace.openTextDocument(uri)).getText(), '');
    });

    test('the graph and a commit open, each once', async () => {
        await vscode.commands.executeCommand('anvcs.graph.show');
        await vscode.commands.executeCommand('anvcs.graph.show');
        await vscode.commands.executeCommand('anvcs.commit.show', git('rev-parse', 'HEAD'));
        await vscode.commands.executeCommand('anvcs.commit.show', { commit: git('rev-parse', 'HEAD^') });
        await until(() => webviews('anvcs.graph').length === 1 && webviews('anvcs.commit').length === 1);
        const short = git('rev-parse', 'HEAD^').slice(0, 7);
        await until(() => webviews('anvcs.commit')[0]?.label.includes(short));
    });

    test('the doctor reports on the server and on where it was found', async () => {
        type Findings = { report: DoctorReport | Problem; discovery: { launch?: object } };
        const findings = await vscode.commands.executeCommand<Findings>('anvcs.doctor');
        assert.ok('checks' in findings.report, JSON.stringify(findings.report));
        assert.ok(findings.discovery.launch);
        const text = vscode.window.activeTextEditor?.document.getText() ?? '';
        assert.match(text, /# ANVCS Doctor/);
    });

    test('after a restart the server answers as before', async () => {
        await vscode.commands.executeCommand('anvcs.server.restart');
        write('host.txt', 'three\n');
        const result = await commit('Change it again');
        assert.equal(git('rev-parse', 'HEAD'), result.gitCommit);
    });

    test('a server that dies is started again', async function () {
        if (!existsSync('/proc/self/task')) {
            this.skip();
        }
        for (const pid of servers()) {
            process.kill(pid, 'SIGKILL');
        }
        write('host.txt', 'four\n');
        const args = { message: 'After the death' };
        const result = await until(() =>
            vscode.commands.executeCommand<CommitResult | undefined>('anvcs.commit', args),
        );
        assert.equal(git('rev-parse', 'HEAD'), result.gitCommit);
    });

    test('a refusal gives no result and changes nothing', async () => {
        const before = [git('for-each-ref'), git('status', '--porcelain')];
        assert.equal(await vscode.commands.executeCommand('anvcs.commit', { message: 'Nothing' }), undefined);
        assert.deepEqual([git('for-each-ref'), git('status', '--porcelain')], before);
    });
});
