"""Native llama.cpp behind one pipe: reads {"ids": [...], "count": n} a line, writes its own timings a line."""

import json
import sys

import xllamacpp

params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.n_ctx = int(sys.argv[2])
params.cpuparams.n_threads = int(sys.argv[3])
params.cpuparams_batch.n_threads = int(sys.argv[3])
params.n_parallel = 1
server = xllamacpp.Server(params)
print("ready", flush=True)

for line in sys.stdin:
    request = json.loads(line)
    answer = server.handle_completions(
        {
            "prompt": request["ids"],
            "n_predict": request["count"],
            "cache_prompt": False,
            "temperature": 0,
            "ignore_eos": True,
        }
    )
    timings = (json.loads(answer) if isinstance(answer, str) else answer)["timings"]
    print(json.dumps({"prefillMs": timings["prompt_ms"], "decodeMs": timings["predicted_ms"]}), flush=True)
