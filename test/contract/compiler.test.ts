import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';
import { parse, stringify } from 'yaml';
import { copySources, type SourceTree } from './source-tree.ts';

type Document = {
  components: { schemas: Record<string, { required: string[]; properties: Record<string, unknown> }> };
};

/** Renames a field of schemas of openapi.yaml. */
const renamed = (schemas: string[], from: string, to: string) => (text: string) => {
  const document = parse(text) as Document;
  for (const name of schemas) {
    const schema = document.components.schemas[name];
    assert.ok(schema && from in schema.properties, `${name} has no ${from}`);
    const { [from]: field, ...others } = schema.properties;
    schema.properties = { ...others, [to]: field };
    schema.required = schema.required.map((each) => (each === from ? to : each));
  }
  return stringify(document);
};

/** What is wrong after each of them is in that file alone. */
const MISTAKES = [
  {
    what: 'a misspelt topic',
    path: 'services/feed/src/service.ts',
    from: "'profile-updates': on",
    to: "'profile-update': on",
  },
  {
    what: "a handler for another topic's events",
    path: 'services/chat/src/service.ts',
    from: "'chat-messages': onChatMessage",
    to: "'profile-updates': onChatMessage",
  },
  {
    what: "a payload that is not its topic's",
    path: 'services/auth/src/domain/accounts.ts',
    from: 'payload: { user_id: userId }',
    to: 'payload: { id: userId }',
  },
  {
    what: 'an operation without a handler',
    path: 'services/feed/src/api/router.ts',
    from: 'deleteComment(',
    to: 'removeComment(',
  },
  {
    what: 'a status that the contract does not name',
    path: 'services/profile/src/api/router.ts',
    from: 'status: 201',
    to: 'status: 200',
  },
  {
    what: 'a response without a header that the contract requires',
    path: 'services/auth/src/api/router.ts',
    from: "'Cache-Control': 'no-store',",
    to: '',
  },
];

suite('the compiler knows the contract', () => {
  let sources: SourceTree;

  before(async () => {
    sources = await copySources();
  });
  afterEach(() => sources.restore());
  after(() => sources.remove());

  test('the sources as they are have no errors', async () => {
    assert.deepEqual(await sources.tsc(), []);
  });

  test('renaming the text of a publication leaves errors in feed', async () => {
    await sources.change('openapi.yaml', renamed(['TextInput', 'Publication'], 'text', 'content'));
    const files = await sources.tsc();
    for (const file of ['services/feed/src/api/present.ts', 'services/feed/src/api/router.ts']) {
      assert.ok(files.includes(file), `none in ${file}, but in ${files}`);
    }
  });

  test('renaming the receiver of a message leaves errors in chat alone', async () => {
    await sources.change(
      'openapi.yaml',
      renamed(['MessageInput', 'Message', 'ChatClientFrame'], 'receiver', 'addressee'),
    );
    assert.deepEqual(await sources.tsc(), [
      'services/chat/src/api/connection.ts',
      'services/chat/src/api/present.ts',
      'services/chat/src/api/router.ts',
    ]);
  });

  test(`errors are ${MISTAKES.map(({ what }) => what).join('; ')}`, async () => {
    for (const { path, from, to } of MISTAKES) await sources.change(path, (text) => text.replace(from, to));
    assert.deepEqual(await sources.tsc(), MISTAKES.map(({ path }) => path).sort());
  });

  test('lint finds a floating promise and a cast by way of unknown', async () => {
    const path = 'services/profile/src/api/router.ts';
    await sources.change(path, (text) => text.replace('await profiles.clear(caller)', 'profiles.clear(caller)'));
    await sources.change(path, (text) => text.replace('describe(params.id)', 'describe(params as unknown as string)'));
    const complaints = await sources.lint(path);
    assert.match(complaints, /no-floating-promises/);
    assert.match(complaints, /by way of unknown/);
  });
});
