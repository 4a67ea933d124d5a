/** What a new prompt may begin as. */

export interface PromptTemplate {
  readonly name: string;
  readonly description: string;
  readonly text: string;
}

export const promptTemplates: readonly PromptTemplate[] = [
  {
    name: "Answer",
    description: "a question with an input, answered freely",
    text: `---
input:
  schema:
    topic: string, what it is about
  default:
    topic: the sea
config:
  maxOutputTokens: 120
---
Explain {{topic}} in three sentences.
`,
  },
  {
    name: "Typed result",
    description: "facts from a text, as JSON of one shape",
    text: `---
input:
  schema:
    text: string, where the facts are
output:
  schema:
    type: object
    properties:
      name: { type: string, maxLength: 40 }
      urgency: { enum: [low, normal, high] }
    required: [name, urgency]
    additionalProperties: false
---
Read this text and answer with its facts.

{{text}}
`,
  },
  {
    name: "Choice",
    description: "one of a few answers, with the probability of each",
    text: `---
input:
  schema:
    message: string, what is to be sorted
tiller.gen:
  kind: { choice: [question, problem, praise], scores: true }
---
{{role "user"}}
What kind of message is this?

{{message}}
{{role "model"}}
It is a {{gen "kind"}}.
`,
  },
  {
    name: "Examples",
    description: "few-shot: the model continues what the examples begin",
    text: `---
input:
  schema:
    word: string
tiller.shots:
  - input: { word: happy }
    output: sad
  - input: { word: tall }
    output: short
---
{{#shots}}
Word: {{input.word}}
Opposite: {{output}}

{{/shots}}
Word: {{word}}
Opposite: {{gen "opposite" stop="\\n" words=3}}
`,
  },
];
