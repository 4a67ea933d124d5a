/** The helpers that a template may call: Dotprompt's, Handlebars' own, ours. Checks, completion and rendering read this table. */

export interface HelperInfo {
  readonly name: string;
  /** `either`: it stands for something alone, and is a loop as a block. */
  readonly form: "inline" | "block" | "either";
  /** Ours: files that use it need Tiller ("extended"). */
  readonly ours?: true;
  readonly usage: string;
  readonly doc: string;
}

export const helpers: readonly HelperInfo[] = [
  {
    name: "role",
    form: "inline",
    usage: '{{role "system"}}',
    doc: "What follows belongs to a message of this role: system, user, model or tool.",
  },
  { name: "history", form: "inline", usage: "{{history}}", doc: "The conversation so far stands here." },
  {
    name: "section",
    form: "inline",
    usage: '{{section "name"}}',
    doc: "Names a place that the application fills; `gen:x` is the hole x.",
  },
  {
    name: "media",
    form: "inline",
    usage: "{{media url=image}}",
    doc: "A picture (PNG, JPEG, WebP) for models that read them: a file in the prompt's folder or below, one that an input names, or a data URL. Nothing is fetched.",
  },
  { name: "json", form: "inline", usage: "{{json value indent=2}}", doc: "The value as JSON." },
  {
    name: "ifEquals",
    form: "block",
    usage: "{{#ifEquals a b}}...{{/ifEquals}}",
    doc: "When both are the same value of the same type.",
  },
  {
    name: "unlessEquals",
    form: "block",
    usage: "{{#unlessEquals a b}}...{{/unlessEquals}}",
    doc: "When they are not the same.",
  },
  {
    name: "if",
    form: "block",
    usage: "{{#if value}}...{{else}}...{{/if}}",
    doc: "When the value is there and not empty, 0 or false.",
  },
  {
    name: "unless",
    form: "block",
    usage: "{{#unless value}}...{{/unless}}",
    doc: "When the value is missing, empty, 0 or false.",
  },
  {
    name: "each",
    form: "block",
    usage: "{{#each list}}{{this}}{{/each}}",
    doc: "Once for every item; `@index`, `@key`, `@first` and `@last` tell where.",
  },
  {
    name: "with",
    form: "block",
    usage: "{{#with object}}{{field}}{{/with}}",
    doc: "Inside the block, names are fields of the object.",
  },
  { name: "lookup", form: "inline", usage: "{{lookup list index}}", doc: "The item or field of that name." },
  { name: "log", form: "inline", usage: "{{log value}}", doc: "Writes nothing into the prompt." },
  {
    name: "gen",
    form: "inline",
    ours: true,
    usage: '{{gen "name" stop="\\n"}}',
    doc: "A hole: the model writes here. Its value is `{{@gen.name}}` afterwards.",
  },
  {
    name: "select",
    form: "inline",
    ours: true,
    usage: '{{select "name" "a" "b"}}',
    doc: "A hole that holds exactly one of the options.",
  },
  {
    name: "shots",
    form: "either",
    ours: true,
    usage: "{{shots}} or {{#shots}}{{input}} {{output}}{{/shots}}",
    doc: "The few-shot examples: as turns of the conversation, or the block once for each with `input`, `output`, `@index`, `@first` and `@last`.",
  },
  {
    name: "keep",
    form: "block",
    ours: true,
    usage: "{{#keep 2}}...{{/keep}}",
    doc: "Left out when the prompt is too long for `tiller.budget`, the lowest priority first; `{{else}}` stands in for it.",
  },
  {
    name: "emphasize",
    form: "block",
    ours: true,
    usage: "{{#emphasize}}...{{/emphasize}}",
    doc: "What guidance emphasises: its second reading of the prompt leaves this out, or reads what stands behind `{{else}}`. How strongly, `tiller.guide.strength` says.",
  },
];

export const roles = ["system", "user", "model", "tool"] as const;
