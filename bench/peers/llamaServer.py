"""Native llama.cpp behind one pipe: reads {"ids": [...], "count": n} a line, writes its own timings a line.

`predicted_ms` begins when the first token is there, so that `count` tokens are `count - 1` steps (asked for one token, it
is 0). The rate that llama.cpp itself prints divides by `count` and is too high by that one token.

With "logprobs": true the tokens that were written come too, each with the logarithm of its probability.
"""

import json
import sys

import xllamacpp

params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.n_ctx = int(sys.argv[2])
params.cpuparams.n_threads = int(sys.argv[3])
params.cpuparams_batch.n_threads = int(sys.argv[3])
params.n_parallel = 1
# No prompt comes twice: copies of earlier ones would only take memory from the others.
params.cache_ram_mib = 0
server = xllamacpp.Server(params)
print("ready", flush=True)

for line in sys.stdin:
    request = json.loads(line)
    wants_logprobs = request.get("logprobs", False)
    answer = server.handle_completions(
        {
            "prompt": request["ids"],
            "n_predict": request["count"],
            "cache_prompt": False,
            "temperature": 0,
            "ignore_eos": True,
            **({"logprobs": 1} if wants_logprobs else {}),
        }
    )
    answer = json.loads(answer) if isinstance(answer, str) else answer
    timings = answer["timings"]
    if timings["prompt_n"] != len(request["ids"]) or timings["predicted_n"] != request["count"]:
        sys.exit(f"llama.cpp did not run the race to its end: {timings}")
    found = {"prefillMs": timings["prompt_ms"], "decodeMs": timings["predicted_ms"]}
    if wants_logprobs:
        tokens = answer["choices"][0]["logprobs"]["content"]
        found["ids"] = [it["id"] for it in tokens]
        found["logprobs"] = [it["logprob"] for it in tokens]
    print(json.dumps(found), flush=True)
