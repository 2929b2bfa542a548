/** Everything that passes between the extension host and its webviews; what comes from the server keeps its wire type. */
import type { CommitDetails, FileChange, GraphPage, GraphParams, HistoryChanged, Problem } from './wire.js';

/** What a graph view needs to come back as it was; also what VS Code keeps of it across restarts. */
export interface GraphState {
    /** The folder that requests name. */
    readonly folder: string;
    /** The filter as typed. */
    readonly filter: string;
    /** The selected commit. */
    readonly selected?: string;
    /** The topmost visible commit, and how many pixels of it are scrolled away. */
    readonly anchor?: { readonly commit: string; readonly offset: number };
}

/** What a commit view needs to come back. */
export interface CommitState {
    readonly folder: string;
    readonly commit: string;
}

/** Commands that a webview may run. */
export type OfferedCommand = 'anvcs.init' | 'anvcs.commit' | 'anvcs.server.setup' | 'anvcs.doctor' | 'anvcs.logs.show';

/** What a webview sends. */
export type ToHost =
    | { readonly type: 'ready' }
    | { readonly type: 'graph'; readonly id: number; readonly params: GraphParams }
    | { readonly type: 'show'; readonly commit: string }
    | { readonly type: 'compare'; readonly commit: string; readonly parent?: string; readonly change: FileChange }
    | { readonly type: 'copy'; readonly text: string }
    | { readonly type: 'retry' }
    | { readonly type: 'run'; readonly command: OfferedCommand };

/** What a webview is told. */
export type ToWebview =
    | {
          readonly type: 'start';
          /** BCP 47, for dates and numbers. */
          readonly language: string;
          /** Translations, by their English. */
          readonly texts: Readonly<Record<string, string>>;
          readonly state: GraphState | CommitState;
      }
    | { readonly type: 'page'; readonly id: number; readonly page: GraphPage }
    | { readonly type: 'refused'; readonly id?: number; readonly problem: Problem }
    | { readonly type: 'changed'; readonly change: HistoryChanged }
    | { readonly type: 'commit'; readonly details: CommitDetails };
