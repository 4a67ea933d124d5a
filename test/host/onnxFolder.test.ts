// The contract, kept by the engine with a model that transformers.js runs, or what stands in for it where it is not installed.

import { silentLog } from "../../src/base/log.js";
import { createLocalApi } from "../../src/host/localApi.js";
import { editJson } from "../engine/convert/huggingFaceFolder.js";
import { realPackage, writeStandIn } from "../engine/onnxFolder/standIn.js";
import { writeOnnxFolder } from "../engine/onnxFolder/tinyOnnxFolder.js";
import { checkEngineContract } from "./contract.js";

process.env["TILLER_TRANSFORMERS"] = realPackage ?? writeStandIn();
const path = await writeOnnxFolder();
// It must write 200 tokens: none of them ends a text.
editJson(path, "tokenizer_config.json", (it) => ({ ...it, eos_token: null }));

const model = { path, threads: 1 } as const;
const make = () => Promise.resolve(createLocalApi({ log: silentLog }));
checkEngineContract("a folder in the ONNX layout", model, make, { hiddenStates: false });
