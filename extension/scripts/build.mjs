// Bundles the extension (dist/), or with --unit-tests / --host-tests its tests (out/test/).
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, context } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const flags = new Set(process.argv.slice(2));
const production = flags.has('--production');

const shared = {
    absWorkingDir: root,
    bundle: true,
    logLevel: 'warning',
    sourcemap: production ? false : 'linked',
    minify: production,
};
const node = { ...shared, platform: 'node', target: 'node20', format: 'cjs', minify: false };

/** What VS Code loads: the extension host's bundle and one script and style sheet for each webview. */
const product = [
    {
        ...node,
        minify: production,
        entryPoints: ['src/extension.ts'],
        outfile: 'dist/extension.js',
        external: ['vscode'],
    },
    {
        ...shared,
        platform: 'browser',
        target: 'chrome120',
        format: 'iife',
        entryPoints: { graph: 'webview/graph/main.ts', commit: 'webview/commit/main.ts' },
        outdir: 'dist/webview',
    },
];

const testsIn = (folder) =>
    readdirSync(join(root, folder))
        .filter((name) => name.endsWith('.test.ts'))
        .map((name) => `${folder}/${name}`);

/** Unit tests run under plain node, with a stand-in for the `vscode` module. */
const unitTests = () => [
    {
        ...node,
        entryPoints: testsIn('test/unit'),
        outdir: 'out/test/unit',
        alias: { vscode: './test/vscode.ts' },
        packages: 'external',
        // The stand-in lacks what only the untested edges use.
        logOverride: { 'import-is-undefined': 'silent' },
    },
];

/** Host tests run in the real extension host, which gives them `vscode`; mocha is found in node_modules. */
const hostTests = () => [
    {
        ...node,
        entryPoints: ['test/host/index.ts', ...testsIn('test/host')],
        outdir: 'out/test/host',
        external: ['vscode', 'mocha'],
    },
];

if (flags.has('--watch')) {
    await Promise.all(product.map(async (options) => (await context(options)).watch()));
} else {
    const [folder, builds] = flags.has('--unit-tests')
        ? ['out/test/unit', unitTests()]
        : flags.has('--host-tests')
          ? ['out/test/host', hostTests()]
          : ['dist/webview', product];
    rmSync(join(root, folder), { recursive: true, force: true });
    await Promise.all(builds.map(build));
}
