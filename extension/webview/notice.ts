/** What stands where the content would: loading, nothing there, or a problem with its ways out. */
import type { OfferedCommand } from '../src/messages.js';
import type { Problem } from '../src/wire.js';
import { h } from './dom.js';
import { t } from './l10n.js';

/** A way out, as a button. */
export interface Way {
    readonly label: string;
    readonly id: string;
    run(): void;
}

/** A sentence with ways out. */
export function notice(kind: 'loading' | 'empty' | 'failed', text: string, ways: readonly Way[] = []): HTMLElement {
    const buttons = ways.map(({ label, id, run }) => h('button', { id, onclick: () => run() }, label));
    return h(
        'div',
        { class: `notice ${kind}`, role: kind === 'failed' ? 'alert' : 'status' },
        h('p', {}, text),
        buttons.length > 0 && h('div', { class: 'ways' }, ...buttons),
    );
}

/** A problem, with trying again and what else may help. */
export function problemNotice(
    problem: Problem,
    retry: () => void,
    run: (command: OfferedCommand) => void,
): HTMLElement {
    const text = [problem.message, problem.wayOut].filter(Boolean).join(' ');
    return notice('failed', text, [{ label: t('Try Again'), id: 'retry', run: retry }, ...waysOut(problem, run)]);
}

function waysOut(problem: Problem, run: (command: OfferedCommand) => void): Way[] {
    const way = (label: string, command: OfferedCommand) => ({ label, id: command, run: () => run(command) });
    switch (problem.code) {
        case 'not-initialized':
            return [way(t('Initialize'), 'anvcs.init')];
        case 'no-server':
            return [way(t('Set Up'), 'anvcs.server.setup')];
        case 'server-failed':
            return [way(t('Doctor'), 'anvcs.doctor')];
        case 'internal':
            return [way(t('Show Logs'), 'anvcs.logs.show')];
        default:
            return [];
    }
}
