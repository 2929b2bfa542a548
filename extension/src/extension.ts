/** The extension's entry: makes the parts and joins them. */
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import { commitCommand } from './commit/command.js';
import type { CommitArguments } from './commit/flow.js';
import { pickCommit } from './commit/pick.js';
import { describe, examine } from './doctor.js';
import { LocalDocuments } from './documents.js';
import { showProblem } from './notify.js';
import { problemOf, sentence } from './problem.js';
import { RepositoryChooser } from './repositories.js';
import { type Discovery, discover } from './server/discover.js';
import { onInterpreterChange, selectedInterpreter } from './server/interpreter.js';
import { expand, probe, which } from './server/programs.js';
import { Server } from './server/server.js';
import { environmentsIn, Setup } from './server/setup.js';
import { StatusItem } from './status.js';
import { CommitPanel } from './views/commitPanel.js';
import { GraphPanels } from './views/graphPanel.js';
import { type RepositoryStatus, StatusRequest } from './wire.js';

let running: Server | undefined;

/** Called by VS Code once the window is up. */
export async function activate(context: vscode.ExtensionContext): Promise<void> {
    const log = vscode.window.createOutputChannel('ANVCS', { log: true });
    const find = finder(context, log);
    const server = new Server(find, context.extensionPath, log);
    running = server;
    const parts: Parts = {
        context,
        log,
        find,
        server,
        setup: new Setup(context, server, log),
        chooser: new RepositoryChooser(context.workspaceState),
        graphs: new GraphPanels(context.extensionUri, server),
        commits: new CommitPanel(context.extensionUri, server),
        documents: new LocalDocuments(),
    };
    context.subscriptions.push(log, server, parts.graphs, parts.commits, parts.documents, ...commands(parts));
    followStatus(parts);
    await followSettings(parts);
    await startWhereUseful(parts);
}

/** Called by VS Code when the window closes or the extension is switched off. */
export async function deactivate(): Promise<void> {
    await running?.stop();
    running = undefined;
}

interface Parts {
    readonly context: vscode.ExtensionContext;
    readonly log: vscode.LogOutputChannel;
    readonly find: () => Promise<Discovery>;
    readonly server: Server;
    readonly setup: Setup;
    readonly chooser: RepositoryChooser;
    readonly graphs: GraphPanels;
    readonly commits: CommitPanel;
    readonly documents: LocalDocuments;
}

function finder(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): () => Promise<Discovery> {
    const environments = environmentsIn(context, log);
    return () => {
        const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
        const setting = vscode.workspace.getConfiguration('anvcs.server').get<string>('path', '');
        return discover({
            setting: expand(setting, folder?.fsPath),
            interpreter: () => selectedInterpreter(folder),
            which,
            probe: (python) => probe(python, context.extensionPath),
            privatePython: async () => (await environments.current())?.python,
        });
    };
}

/** What a view or a menu hands to a command that shows a commit. */
interface CommitTarget {
    readonly folder?: string;
    readonly commit?: string;
}

function commands(parts: Parts): vscode.Disposable[] {
    const { chooser, server, log } = parts;
    const guarded =
        <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
        async (...args: A): Promise<R | undefined> => {
            try {
                return await work(...args);
            } catch (error) {
                void showProblem(error, log);
                return undefined;
            }
        };
    const memory = parts.context.workspaceState;
    const table: Record<string, (...args: never[]) => Promise<unknown>> = {
        'anvcs.commit': (args?: CommitArguments) => commitCommand({ server, chooser, memory, log }, args),
        'anvcs.graph.show': async (target?: CommitTarget) => {
            const folder = target?.folder ?? (await chooser.choose());
            if (folder !== undefined) {
                parts.graphs.show(folder);
            }
        },
        'anvcs.commit.show': (target?: string | CommitTarget) => showCommit(parts, target),
        'anvcs.commit.copyId': async ({ commit }: { commit: string }) => vscode.env.clipboard.writeText(commit),
        'anvcs.init': () => initialize(parts),
        'anvcs.doctor': async () => {
            const version = String(parts.context.extension.packageJSON.version);
            const findings = await examine(server, parts.find, version, await chooser.guess());
            await parts.documents.show('ANVCS Doctor.md', 'markdown', describe(findings));
            return findings;
        },
        'anvcs.server.setup': () => parts.setup.command(),
        'anvcs.server.restart': () => server.restart(),
        'anvcs.logs.show': async () => log.show(),
    };
    return Object.entries(table).map(([id, work]) => vscode.commands.registerCommand(id, guarded(work)));
}

async function showCommit(parts: Parts, target: string | CommitTarget | undefined): Promise<void> {
    const known: CommitTarget = typeof target === 'string' ? { commit: target } : (target ?? {});
    const folder = known.folder ?? (await parts.chooser.choose());
    if (folder === undefined) {
        return;
    }
    const commit = known.commit ?? (await pickCommit(parts.server, folder, parts.log));
    if (commit) {
        await parts.commits.show({ folder, commit });
    }
}

async function initialize({ chooser, server, log }: Parts): Promise<void> {
    const folder = await chooser.choose();
    if (folder === undefined) {
        return;
    }
    const result = await server.execute('init', { folder });
    for (const line of result.changed ?? []) {
        log.info(line);
    }
    const message = result.alreadyInitialized
        ? l10n.t('ANVCS was already initialized in {0}.', result.root)
        : l10n.t('ANVCS is initialized in {0}.', result.root);
    void vscode.window.showInformationMessage([message, ...(result.notices ?? [])].join(' '));
}

/** Keeps the status item true: after each state of the server, each move of the history, each change of repository. */
function followStatus({ context, server, setup, chooser, log }: Parts): void {
    const item = new StatusItem();
    let asked = 0;
    let shown: string | undefined;
    let offeredUpdate = false;
    const refresh = async () => {
        const ticket = ++asked;
        const { state } = server;
        shown = state.kind === 'ready' ? await chooser.guess() : undefined;
        const status = await statusOf(server, shown).catch((error: unknown) => {
            log.warn(sentence(problemOf(error)));
            return undefined;
        });
        // Answers may overtake each other; only the last question's counts.
        if (ticket === asked) {
            item.show(state, status);
        }
    };
    const stateChanged = () => {
        const { state } = server;
        void refresh();
        if (state.kind === 'missing') {
            setup.offer().catch((error: unknown) => showProblem(error, log));
        } else if (state.kind === 'ready' && state.launch.source === 'private' && !offeredUpdate) {
            offeredUpdate = true;
            setup.offerUpdate(state.version).catch((error: unknown) => showProblem(error, log));
        }
    };
    const editorChanged = async () => {
        if ((await chooser.guess()) !== shown) {
            await refresh();
        }
    };
    context.subscriptions.push(
        item,
        server.onDidChangeState(stateChanged),
        server.onDidChangeHistory(() => void refresh()),
        vscode.window.onDidChangeActiveTextEditor(() => void editorChanged()),
    );
}

async function statusOf(server: Server, folder: string | undefined): Promise<RepositoryStatus | undefined> {
    return folder === undefined ? undefined : server.request(StatusRequest, { folder });
}

async function followSettings({ context, server }: Parts): Promise<void> {
    const restart = () => void (vscode.workspace.isTrusted && server.restart().catch(() => undefined));
    context.subscriptions.push(
        vscode.workspace.onDidChangeConfiguration((event) => {
            if (event.affectsConfiguration('anvcs.server.path')) {
                restart();
            }
        }),
    );
    const interpreter = await onInterpreterChange(() => {
        const { state } = server;
        if (state.kind === 'missing' || (state.kind === 'ready' && state.launch.source !== 'setting')) {
            restart();
        }
    });
    if (interpreter) {
        context.subscriptions.push(interpreter);
    }
}

/** Starts the server where there is a repository and trust; elsewhere the first command does. */
async function startWhereUseful({ context, server, chooser }: Parts): Promise<void> {
    const start = async () => {
        if ((await chooser.isUseful()) && server.state.kind !== 'ready') {
            await server.tryStart();
        }
    };
    context.subscriptions.push(
        vscode.workspace.onDidGrantWorkspaceTrust(start),
        vscode.workspace.onDidChangeWorkspaceFolders(start),
    );
    // Not awaited: activation is done once the commands are there.
    void start();
}
