/** A merge and what its commands stand on, as tests of merging need them. */
import type { MergeContext } from '../src/merge/steps.js';
import type { Proposal, ProposalSummary, ProposalsChanged } from '../src/wire.js';
import { RESULTS } from './vscode.js';

/** A merge of the stream `moon` into `main`, proposed by Ada. */
export const PROPOSED: Proposal = {
    proposalId: `b3:${'a'.repeat(64)}`,
    status: 'open',
    target: 'main',
    targetCommit: '2'.repeat(40),
    sources: [{ name: 'moon', gitCommit: '1'.repeat(40) }],
    actor: 'human:ada@example.org',
    time: 1,
    updated: 1,
    tree: '8'.repeat(40),
    changed: 2,
};

/** What commands stand on, with a server that answers so. */
export function standIn(answer: (verb: string) => unknown) {
    /** What the server was asked. */
    const asked: unknown[][] = [];
    /** What was logged. */
    const logged: string[] = [];
    let told: ((change: ProposalsChanged) => void) | undefined;
    const log = (text: string) => logged.push(text);
    const context = {
        server: {
            execute: async (verb: string, params: unknown) => {
                asked.push([verb, params]);
                return answer(verb);
            },
            onDidChangeProposals: (listener: typeof told) => {
                told = listener;
                return { dispose: () => (told = undefined) };
            },
        },
        chooser: { choose: async () => '/repo' },
        views: { refresh: () => undefined },
        results: RESULTS,
        log: { info: log, error: log, debug: log, show: () => log('shown') },
    } as unknown as MergeContext;
    return {
        context,
        asked,
        logged,
        /** The server tells what others did to merges. */
        tell: (...proposals: ProposalSummary[]) => told?.({ root: '/repo', proposals }),
        /** Whether anybody listens to that. */
        isHeard: () => told !== undefined,
    };
}

/** Lets what was not awaited come to its end. */
export const settled = () => new Promise((done) => setImmediate(done));
