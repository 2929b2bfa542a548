import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import * as wire from '../../src/wire.js';

interface Message {
    readonly verb?: string;
    readonly params: string;
    readonly result?: string;
}

const read = (path: string) => JSON.parse(readFileSync(`../protocol/${path}`, 'utf8'));
const schema = read('anvcs.schema.json');
const ajv = new Ajv({ strict: false });
ajv.addSchema({ $id: 'anvcs', $defs: schema.$defs });

/** Whether a value is of a named type. */
function fits(type: string, value: unknown): boolean {
    const validate = ajv.getSchema(`anvcs#/$defs/${type}`);
    assert.ok(validate, type);
    return validate(value) as boolean;
}

/** Every message that is not a verb's. */
const byMethod: Record<string, Message> = {
    ...schema.notifications,
    ...schema.editorRequests,
    ...schema.editorNotifications,
    ...schema.serverRequests,
};

/** Every message by the name of its example: a verb, or a method with dashes. */
const messages: Record<string, Message> = {
    ...Object.fromEntries(Object.values(schema.commands as Record<string, Message>).map((each) => [each.verb, each])),
    ...Object.fromEntries(
        Object.entries(byMethod).map(([method, each]) => [method.replace('anvcs/', '').replaceAll('/', '-'), each]),
    ),
};

test('the generated types are those of the schema', () => {
    execFileSync(process.execPath, ['scripts/generate.mjs', '--check'], { stdio: 'pipe' });
});

test('every message has an example, and every example is of a message', () => {
    const examples = readdirSync('../protocol/examples').map((name) => name.replace('.json', ''));
    assert.deepEqual(examples.sort(), Object.keys(messages).sort());
});

test('every example fits the schema, and no longer does with a field of another kind', () => {
    for (const [name, { params, result }] of Object.entries(messages)) {
        const example = read(`examples/${name}.json`);
        for (const [type, value] of [
            [params, example.params],
            [result, example.result],
        ] as const) {
            if (type === undefined) {
                continue;
            }
            assert.ok(fits(type, value), `${name}: ${type}`);
            for (const field of Object.keys(value)) {
                const wrong = typeof value[field] === 'object' ? 3 : { not: 'this' };
                assert.ok(!fits(type, { ...value, [field]: wrong }), `${type}.${field}`);
            }
        }
    }
});

test('our requests, notifications and commands are the protocol’s', () => {
    const constants = Object.values(wire) as { method?: string }[];
    const methods = constants.flatMap(({ method }) => (method ? [method] : []));
    const expected = [...Object.keys(schema.requests), ...Object.keys(byMethod)];
    assert.deepEqual(methods.sort(), expected.sort());
    assert.deepEqual(Object.values(wire.VERB_COMMANDS).sort(), Object.keys(schema.commands).sort());
    assert.equal(wire.PROTOCOL_VERSION, schema.version);
});
