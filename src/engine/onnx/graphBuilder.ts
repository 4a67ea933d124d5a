/**
 * Builds an ONNX model in memory. Field numbers are those of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
 *
 * Small constants are stored in the model itself. Weights are external data: the model only names them, and the session is
 * given their buffers, so that they are neither copied into the protobuf nor bound by its limit of 2 GiB.
 */

import { MessageWriter } from "./protobuf.js";
import { createWeightStore, type Slab } from "./weightStore.js";

/** Element types of tensors, with their numbers in onnx.proto. */
export const elementTypes = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9, float16: 10 } as const;
export type ElementType = keyof typeof elementTypes;

/** A name in the graph; `""` leaves out an optional input or output. */
export type Value = string;
/** A number is an integer attribute; `{ float }` a floating one. */
export type Attribute = number | string | readonly number[] | { readonly float: number };
export type Dimension = number | string;

export interface NodeOptions {
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** `"com.microsoft"` for the operators that onnxruntime adds. */
  readonly domain?: string;
}

export interface OnnxModel {
  readonly bytes: Uint8Array;
  /** What the session is handed beside the model, by name. */
  readonly weights: readonly Slab[];
}

const OPSET = 21;
const IR_VERSION = 10;
/** Below this size a constant is stored in the model itself: onnxruntime wants shapes and axes there. */
const EXTERNAL_FROM_BYTES = 1024;

export class GraphBuilder {
  readonly #nodes: MessageWriter[] = [];
  readonly #constants: MessageWriter[] = [];
  readonly #inputs: MessageWriter[] = [];
  readonly #outputs: MessageWriter[] = [];
  readonly #weights = createWeightStore();
  #nextId = 0;

  /** A name that no other value of the graph has. */
  fresh(hint: string): Value {
    return `${hint}.${this.#nextId++}`;
  }

  input(name: string, type: ElementType, shape: readonly Dimension[]): Value {
    this.#inputs.push(valueInfo(name, type, shape));
    return name;
  }

  output(name: string, type: ElementType, shape: readonly Dimension[]): Value {
    this.#outputs.push(valueInfo(name, type, shape));
    return name;
  }

  /** A graph output that is a sequence of tensors. */
  sequenceOutput(name: string, type: ElementType): Value {
    const tensor = new MessageWriter().message(1, new MessageWriter().integer(1, elementTypes[type]));
    const sequence = new MessageWriter().message(4, new MessageWriter().message(1, tensor));
    this.#outputs.push(new MessageWriter().text(1, name).message(2, sequence));
    return name;
  }

  /** Adds a node and returns the name of its only output. */
  node(operator: string, inputs: readonly Value[], options: NodeOptions = {}): Value {
    const output = this.fresh(operator);
    this.nodeInto(operator, inputs, [output], options);
    return output;
  }

  /** Adds a node whose outputs have the given names. */
  nodeInto(operator: string, inputs: readonly Value[], outputs: readonly Value[], options: NodeOptions = {}): void {
    const message = new MessageWriter();
    for (const it of inputs) message.text(1, it);
    for (const it of outputs) message.text(2, it);
    message.text(3, this.fresh(`node.${operator}`)).text(4, operator);
    for (const [name, value] of Object.entries(options.attributes ?? {})) message.message(5, attribute(name, value));
    if (options.domain !== undefined) message.text(7, options.domain);
    this.#nodes.push(message);
  }

  /** Memory for the data of a large constant: what is written there is handed to the session without a copy. */
  allocate(byteLength: number): Uint8Array {
    return this.#weights.allocate(byteLength);
  }

  /** `data` must hold exactly the elements of `shape`. It is copied unless it is small or from `allocate`. */
  constant(name: string, type: ElementType, shape: readonly number[], data: ArrayBufferView): Value {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const message = new MessageWriter();
    for (const it of shape) message.integer(1, it);
    message.integer(2, elementTypes[type]).text(8, name);
    const { slab, offset } = this.#weights.locate(bytes) ?? {};
    if (slab === undefined && bytes.length < EXTERNAL_FROM_BYTES) message.bytes(9, bytes);
    else if (slab === undefined) return this.constant(name, type, shape, this.#stored(bytes));
    else
      message
        .message(13, entry("location", slab))
        .message(13, entry("offset", String(offset)))
        .message(13, entry("length", String(bytes.length)))
        .integer(14, 1);
    this.#constants.push(message);
    return name;
  }

  #stored(bytes: Uint8Array): Uint8Array {
    const stored = this.allocate(bytes.length);
    stored.set(bytes);
    return stored;
  }

  integers(values: readonly number[], shape: readonly number[] = [values.length]): Value {
    return this.constant(this.fresh("integers"), "int64", shape, BigInt64Array.from(values, BigInt));
  }

  float(value: number): Value {
    return this.constant(this.fresh("float"), "float32", [], Float32Array.of(value));
  }

  build(): OnnxModel {
    const graph = new MessageWriter();
    for (const it of this.#nodes) graph.message(1, it);
    graph.text(2, "tiller");
    for (const it of this.#constants) graph.message(5, it);
    for (const it of this.#inputs) graph.message(11, it);
    for (const it of this.#outputs) graph.message(12, it);
    const model = new MessageWriter().integer(1, IR_VERSION).text(2, "tiller").message(7, graph);
    model.message(8, new MessageWriter().text(1, "").integer(2, OPSET));
    model.message(8, new MessageWriter().text(1, "com.microsoft").integer(2, 1));
    return { bytes: model.finish(), weights: this.#weights.slabs() };
  }
}

/** A StringStringEntryProto. */
function entry(key: string, value: string): MessageWriter {
  return new MessageWriter().text(1, key).text(2, value);
}

function valueInfo(name: string, type: ElementType, shape: readonly Dimension[]): MessageWriter {
  const dimensions = new MessageWriter();
  for (const it of shape) {
    dimensions.message(
      1,
      typeof it === "string" ? new MessageWriter().text(2, it) : new MessageWriter().integer(1, it),
    );
  }
  const tensor = new MessageWriter().integer(1, elementTypes[type]).message(2, dimensions);
  return new MessageWriter().text(1, name).message(2, new MessageWriter().message(1, tensor));
}

function attribute(name: string, value: Attribute): MessageWriter {
  const message = new MessageWriter().text(1, name);
  if (typeof value === "number") return message.integer(3, value).integer(20, 2);
  if (typeof value === "string") return message.text(4, value).integer(20, 3);
  if ("float" in value) return message.float(2, value.float).integer(20, 1);
  for (const it of value) message.integer(8, it);
  return message.integer(20, 7);
}
