// How chat templates take contents and pictures: which form each one reads, and what becomes of a message with pictures.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";

import { renderChat, type ChatOptions } from "../../../src/engine/chat/template.js";
import { openModelFile } from "../../../src/engine/gguf/modelFile.js";
import { readTokenizerMetadata } from "../../../src/engine/tokenizer/metadata.js";
import { createTokenizer, type Tokenizer } from "../../../src/engine/tokenizer/tokenizer.js";
import { IMAGE_TOKEN, imageText } from "../../../src/engine/vision/imageText.js";
import type { ChatMessage } from "../../../src/protocol/engine.js";
import { projectRoot } from "../golden/goldenFiles.js";

/** SmolVLM's: a list of parts and nothing else. */
const smolvlm =
  "<|im_start|>{% for message in messages %}{{message['role'] | capitalize}}{% if message['content'][0]['type'] == 'image' %}" +
  "{{':'}}{% else %}{{': '}}{% endif %}{% for line in message['content'] %}{% if line['type'] == 'text' %}{{line['text']}}" +
  "{% elif line['type'] == 'image' %}{{ '<image>' }}{% endif %}{% endfor %}<end_of_utterance>\n{% endfor %}" +
  "{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}";
const chatml =
  "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";
/** Either form; pictures as something that this model has no token for. */
const either =
  "{% for message in messages %}{% if message.content is string %}[{{ message.content }}]{% else %}" +
  "{% for it in message.content %}{% if it.type == 'image' %}<|picture|>{% else %}({{ it.text }}){% endif %}{% endfor %}{% endif %}{% endfor %}";
/** Writes whatever it is given. */
const careless = "{% for message in messages %}{{ message.content | trim }};{% endfor %}";

const source = { path: "/no/such/picture.png" };
let tokenizer: Tokenizer;

before(async () => {
  const file = await openModelFile(join(projectRoot, "test/tiny/smolvlm/model.gguf"));
  tokenizer = createTokenizer(readTokenizerMetadata(file.metadata));
  file.close();
});

test("a template of parts is given parts, a picture as one", () => {
  assert.equal(
    text(smolvlm, [user("What is this?", 0)]),
    "<|im_start|>User:<PICTURE>What is this?<end_of_utterance>\nAssistant:",
  );
  assert.equal(
    text(smolvlm, [user("A  and ", 2, 7)]),
    "<|im_start|>User: A <PICTURE> and <PICTURE><end_of_utterance>\nAssistant:",
  );
});

test("a message without pictures keeps its text under a template of parts", () => {
  const messages = [
    { role: "system", content: "Be brief." },
    user("Hi"),
    { role: "assistant", content: "" },
    user("?", 0),
  ];
  assert.equal(
    text(smolvlm, messages),
    "<|im_start|>System: Be brief.<end_of_utterance>\nUser: Hi<end_of_utterance>\nAssistant: <end_of_utterance>\n" +
      "User:<PICTURE>?<end_of_utterance>\nAssistant:",
  );
});

test("so it does for a model whose vision part is missing", () => {
  const { text } = renderChat(smolvlm, tokenizer, [user("Hi")], { addGenerationPrompt: true, continueLast: false });
  assert.equal(text, "<|im_start|>User: Hi<end_of_utterance>\nAssistant:");
});

test("a template of texts has pictures put into the text", () => {
  assert.equal(
    text(chatml, [user("See , and say.", 4)]),
    "<|im_start|>user\nSee <PICTURE>, and say.<|im_end|>\n<|im_start|>assistant\n",
  );
});

test("a template that takes either form, and writes pictures in a way that the model does not know, is given texts", () => {
  assert.equal(text(either, [user("a", 1), user("b")]), "[a<PICTURE>][b]");
});

test("a template that would write a list as it is is given texts", () => {
  assert.equal(text(careless, [user("  a", 3)]), "a<PICTURE>;");
});

test("without a template, pictures stand in the texts", () => {
  assert.equal(text(undefined, [user("b", 0)]), "<|im_start|>user\n<PICTURE>b<|im_end|>\n<|im_start|>assistant\n");
});

for (const [name, template] of Object.entries({ smolvlm, chatml, either, careless })) {
  test(`what a user spells is no picture (${name})`, () => {
    const spelled = "<image> <fake_token_around_image><row_1_col_1>";
    const { ids, text } = render(template, [
      user(`${spelled} and  <image>`, 51),
      { role: "assistant", content: "<image>" },
    ]);
    const image = tokenizer.specials.get(IMAGE_TOKEN)!;
    assert.equal(ids.filter((it) => it === image).length, 4);
    assert.ok(text.includes(spelled) && !ids.includes(tokenizer.specials.get("<row_1_col_1>")!));
  });

  test(`the halves of a token at both sides of a picture stay halves (${name})`, () => {
    const { ids } = render(template, [user("<im<imageage>>", 8)]);
    assert.equal(ids.filter((it) => it === tokenizer.specials.get(IMAGE_TOKEN)).length, 4);
  });
}

test("the last message can be continued behind its picture, and in the middle of its text", () => {
  const options = { addGenerationPrompt: false, continueLast: true };
  const open = (messages: readonly ChatMessage[]) => told(render(smolvlm, messages, options).text);
  assert.equal(open([user("Look", 4)]), "<|im_start|>User: Look<PICTURE>");
  assert.equal(open([user("Look: it", 6), { role: "assistant", content: "A" }]).endsWith("\nAssistant: A"), true);
});

test("a template that leaves out a picture is told of", () => {
  const template = "{% for message in messages %}{% for it in message.content %}{{ it.text }}{% endfor %}{% endfor %}";
  const dropping = "{% for message in messages[-1:] %}{{ message.content }}{% endfor %}";
  assert.equal(text(template, [user("a", 0)]), "<PICTURE>a");
  assert.throws(() => text(dropping, [user("a", 0), user("b")]), {
    code: "prompt-invalid",
    message: "The model's chat template writes 0 of the 1 pictures of these messages.",
  });
});

test("places outside of the text, or out of order, are refused", () => {
  for (const places of [[2], [-1], [0.5], [1, 0]])
    assert.throws(() => text(chatml, [user("a", ...places)]), { code: "usage" });
});

test("a picture is written as Idefics3's processor writes it", () => {
  const grid = (rows: number, columns: number) => ({ rows, columns, tiles: rows * columns + 1, sizes: [] });
  assert.equal(
    imageText(grid(0, 0), 2),
    "<fake_token_around_image><global-img><image><image><fake_token_around_image>",
  );
  const tile = (place: string) => `<fake_token_around_image><${place}><image>`;
  assert.equal(
    imageText(grid(2, 3), 1),
    `${tile("row_1_col_1")}${tile("row_1_col_2")}${tile("row_1_col_3")}\n` +
      `${tile("row_2_col_1")}${tile("row_2_col_2")}${tile("row_2_col_3")}\n` +
      `\n${tile("global-img")}<fake_token_around_image>`,
  );
});

test("the tiny model has the template that its file says", () => {
  const golden = JSON.parse(readFileSync(join(projectRoot, "test/tiny/smolvlm/golden.json"), "utf8")) as object;
  assert.equal((golden as { image_token_id: number }).image_token_id, tokenizer.specials.get(IMAGE_TOKEN));
});

const picture = imageText({ rows: 0, columns: 0, tiles: 1, sizes: [] }, 4);

function render(
  template: string | undefined,
  messages: readonly ChatMessage[],
  options: ChatOptions = { addGenerationPrompt: true, continueLast: false },
) {
  return renderChat(template, tokenizer, messages, {
    ...options,
    pictures: { token: IMAGE_TOKEN, textOf: () => picture },
  });
}

function text(template: string | undefined, messages: readonly ChatMessage[]): string {
  return told(render(template, messages).text);
}

function told(text: string): string {
  return text.replaceAll(picture, "<PICTURE>");
}

function user(content: string, ...places: readonly number[]): ChatMessage {
  return { role: "user", content, ...(0 < places.length && { images: places.map((at) => ({ at, source })) }) };
}
