/** The extension's entry: makes the parts and joins them. */
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import { commitCommand } from './commit/command.js';
import type { CommitArguments } from './commit/flow.js';
import { pickCommit } from './commit/pick.js';
import { Current } from './current.js';
import { describe, examine } from './doctor.js';
import { LocalDocuments } from './documents.js';
import { operationCommands } from './history/actions.js';
import { Messenger } from './history/news.js';
import type { Target } from './history/row.js';
import { streamCommands } from './history/streamActions.js';
import { HistoryViews } from './history/views.js';
import { AssistPart, assistCommands } from './merge/assist.js';
import { decidingCommands } from './merge/deciding.js';
import { editedResults, editingCommands } from './merge/editing.js';
import { ProposalItem } from './merge/overview.js';
import { mergeCommands } from './merge/proposalActions.js';
import { queueCommands } from './merge/queue.js';
import { Results } from './merge/results.js';
import { showProblem } from './notify.js';
import { RepositoryChooser } from './repositories.js';
import { ChangesView, changeCommands } from './rooms/changes.js';
import { roomCommands } from './rooms/commands.js';
import { Playback, playbackCommands } from './rooms/playback.js';
import { Rooms } from './rooms/rooms.js';
import { EarlyWarnings } from './rooms/warnings.js';
import { type Discovery, discover } from './server/discover.js';
import { onInterpreterChange, selectedInterpreter } from './server/interpreter.js';
import { expand, probe, which } from './server/programs.js';
import { Server } from './server/server.js';
import { environmentsIn, Setup } from './server/setup.js';
import { StatusItem } from './status.js';
import { CommitPanel } from './views/commitPanel.js';
import { GraphPanels } from './views/graphPanel.js';
import type { RepositoryStatus } from './wire.js';

let running: Server | undefined;

/** Called by VS Code once the window is up. */
export async function activate(context: vscode.ExtensionContext): Promise<void> {
    const log = vscode.window.createOutputChannel('ANVCS', { log: true });
    const find = finder(context, log);
    const server = new Server(find, context.extensionPath, log);
    running = server;
    const chooser = new RepositoryChooser(context.workspaceState);
    const current = new Current(server, chooser, log);
    const documents = new LocalDocuments();
    const memory = context.globalState;
    const setting = <T>(name: string, otherwise: T) =>
        vscode.workspace.getConfiguration('anvcs.assist').get(name, otherwise);
    server.use(new AssistPart(vscode.lm, setting));
    const rooms = new Rooms({ server, chooser, current, texts: documents, memory, log });
    const parts: Parts = {
        context,
        log,
        find,
        server,
        setup: new Setup(context, server, log),
        chooser,
        current,
        views: new HistoryViews(server, current, log),
        graphs: new GraphPanels(context.extensionUri, server),
        commits: new CommitPanel(context.extensionUri, server),
        documents,
        rooms,
        changes: new ChangesView(rooms, log),
        playback: new Playback(server),
        results: new Results(server, log),
    };
    const messenger = new Messenger(server, current, context.workspaceState);
    const { changes, graphs, commits, playback, results, views } = parts;
    context.subscriptions.push(
        log,
        server,
        current,
        views,
        messenger,
        graphs,
        commits,
        rooms,
        changes,
        new EarlyWarnings(rooms, log),
        results,
        editedResults(parts, context.workspaceState),
        new ProposalItem(server, current, log),
        playback,
        documents,
        ...commands(parts),
    );
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
    readonly current: Current;
    readonly views: HistoryViews;
    readonly graphs: GraphPanels;
    readonly commits: CommitPanel;
    readonly documents: LocalDocuments;
    readonly rooms: Rooms;
    readonly changes: ChangesView;
    readonly playback: Playback;
    readonly results: Results;
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
        'anvcs.graph.show': async (target?: Target) => {
            const folder = target?.folder ?? (await chooser.choose());
            if (folder !== undefined) {
                parts.graphs.show(folder);
            }
        },
        'anvcs.commit.show': (target?: string | Target) => showCommit(parts, target),
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
        ...operationCommands(parts),
        ...streamCommands(parts),
        ...mergeCommands(parts),
        ...queueCommands(parts),
        ...decidingCommands(parts),
        ...editingCommands(parts),
        ...assistCommands(parts),
        ...roomCommands(parts.rooms),
        ...changeCommands(parts.changes, parts.rooms),
        ...playbackCommands(parts.playback),
    };
    return Object.entries(table).map(([id, work]) => vscode.commands.registerCommand(id, guarded(work)));
}

async function showCommit(parts: Parts, target: string | Target | undefined): Promise<void> {
    const known: Target = typeof target === 'string' ? { commit: target } : (target ?? {});
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

/** Keeps the status item true, and offers what a state of the server asks for. */
function followStatus({ context, server, setup, current, rooms, log }: Parts): void {
    const item = new StatusItem();
    let repository: RepositoryStatus | undefined;
    let offeredUpdate = false;
    const stateChanged = () => {
        const { state } = server;
        if (state.kind === 'missing') {
            setup.offer().catch((error: unknown) => showProblem(error, log));
        } else if (state.kind === 'ready' && state.launch.source === 'private' && !offeredUpdate) {
            offeredUpdate = true;
            setup.offerUpdate(state.version).catch((error: unknown) => showProblem(error, log));
        }
    };
    context.subscriptions.push(
        item,
        server.onDidChangeState(stateChanged),
        current.onDidLook(({ status }) => {
            repository = status;
            item.show(server.state, status, rooms.situation.summary);
        }),
        rooms.situation.onDidChange((summary) => item.show(server.state, repository, summary)),
    );
}

async function followSettings({ context, server }: Parts): Promise<void> {
    const restart = () => void (vscode.workspace.isTrusted && server.restart().catch(() => undefined));
    context.subscriptions.push(
        vscode.workspace.onDidChangeConfiguration((event) => {
            if (['anvcs.server.path', 'anvcs.assist.enabled'].some((each) => event.affectsConfiguration(each))) {
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
