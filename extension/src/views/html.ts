/** The page of a webview: one script, one style sheet, nothing inline, nothing from elsewhere. */
import { randomBytes } from 'node:crypto';

/** What a page is made of. */
export interface Page {
    readonly title: string;
    readonly language: string;
    readonly script: string;
    readonly style: string;
    /** The source that VS Code serves our files from. */
    readonly cspSource: string;
    readonly nonce: string;
}

/** A value that no one can guess, once for each page. */
export function newNonce(): string {
    return randomBytes(16).toString('base64');
}

/** The page's text. */
export function html(page: Page): string {
    const policy = [
        "default-src 'none'",
        `style-src ${page.cspSource}`,
        `font-src ${page.cspSource}`,
        `script-src 'nonce-${page.nonce}'`,
    ].join('; ');
    return `<!DOCTYPE html>
<html lang="${escaped(page.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${escaped(page.style)}">
<title>${escaped(page.title)}</title>
</head>
<body>
<main id="app"></main>
<script nonce="${page.nonce}" src="${escaped(page.script)}"></script>
</body>
</html>
`;
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
    return text.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] as string);
}
