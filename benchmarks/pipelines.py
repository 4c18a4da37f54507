"""Compares NLU pipelines for the intent task: the same data, several seeds, each run in a process of its own.

    .venv/bin/python benchmarks/pipelines.py            run what is not in results/pipelines.jsonl yet (hours)
    .venv/bin/python benchmarks/pipelines.py --table    print the results as a Markdown table
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence

import yaml

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.material import (  # noqa: E402  (the project must be on the path first)
    PIPELINES,
    PROJECT,
    Labelled,
    Unusable,
    code_digest,
    configuration,
    data_digest,
    download_mb,
    missing,
    read_examples,
    read_sentences,
    sample,
    training_file,
    uses_epochs,
)
from benchmarks.table import comparable, table  # noqa: E402

RESULTS = PROJECT / "results" / "pipelines.jsonl"
KEY = ("pipeline", "seed", "per_intent", "epochs", "data", "code")
LAST_LINES = 15


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the benchmark or print its table; return the exit code."""
    asked = _parser().parse_args(arguments)
    try:
        if asked.table:
            _print_table(asked)
            return 0
        return _run_all(asked)
    except Unusable as error:
        print(error, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5, help="how many seeds (5)")
    parser.add_argument("--per-intent", type=int, default=30, help="examples per intent and language (30)")
    parser.add_argument("--epochs", type=int, default=100, help="epochs of DIET (100)")
    parser.add_argument("--pipelines", type=_pipelines, default=PIPELINES, help=f"of {','.join(PIPELINES)} (all)")
    parser.add_argument("--sentences", type=Path, default=PROJECT / "tests" / "sentences", help="folder of JSON lines")
    parser.add_argument("--results", type=Path, default=RESULTS, help="file that results are added to")
    parser.add_argument("--table", action="store_true", help="print the results and run nothing")
    return parser


def _pipelines(names: str) -> List[str]:
    chosen = names.split(",")
    for name in chosen:
        if name not in PIPELINES:
            raise argparse.ArgumentTypeError(f"there is no pipeline {name!r}; choose of {', '.join(PIPELINES)}")
    return chosen


def read_runs(path: Path) -> List[Dict[str, Any]]:
    """Return the runs in a file of results. A last line that was cut off is no run."""
    runs = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        try:
            runs.append(json.loads(line))
        except ValueError:
            continue
    return runs


def _print_table(asked: argparse.Namespace) -> None:
    found = comparable(read_runs(asked.results), asked.pipelines, asked.per_intent, asked.epochs)
    if not any(found.values()):
        raise Unusable(f"{asked.results} holds no such runs; run without --table, or give the options they were made with")
    newest = next(own[-1] for own in found.values() if own)
    print(f"Median over the seeds (range). {asked.per_intent} examples per intent and language (all when fewer), ", end="")
    print(f"{asked.epochs} epochs of DIET, {newest['sentences']} sentences, data {newest['data']}.\n")
    print(table(found))


def _run_all(asked: argparse.Namespace) -> int:
    # Read once: the files may be edited while the runs go on.
    examples, sentences = read_examples(), read_sentences(asked.sentences)
    data = data_digest(examples, sentences)
    present = {tuple(run[name] for name in KEY) for run in read_runs(asked.results)}
    chosen = []
    for pipeline in asked.pipelines:
        reason = missing(pipeline)
        if reason:
            print(f"{pipeline} is skipped: {reason}", file=sys.stderr)
        else:
            chosen.append(pipeline)
    failed = 0
    for seed in range(1, asked.seeds + 1):  # seeds outside: drift of the machine hits all pipelines alike
        nlu = training_file(sample(examples, seed, asked.per_intent))
        for pipeline in chosen:
            settings = {
                "pipeline": pipeline,
                "seed": seed,
                "per_intent": asked.per_intent,
                "epochs": asked.epochs if uses_epochs(pipeline) else None,
                "data": data,
                "code": code_digest(pipeline),
            }
            title = f"seed {seed} of {asked.seeds}, {pipeline}"
            if tuple(settings.values()) in present:
                print(f"{title}: already there", flush=True)
                continue
            print(f"{title} ...", end=" ", flush=True)
            began, load = datetime.now(), os.getloadavg()[0]
            try:
                found = _run(configuration(pipeline, seed, asked.epochs), nlu, sentences)
            except RuntimeError as error:
                print(f"failed:\n{error}", flush=True)
                failed += 1
                continue
            if code_digest(pipeline) != settings["code"]:
                print("thrown away: its code was edited meanwhile; run this again", flush=True)
                failed += 1
                continue
            seconds = round((datetime.now() - began).total_seconds(), 1)
            about = {"sentences": len(sentences), "download_mb": download_mb(pipeline), "run_seconds": seconds}
            # The load when the run began and ended (this run's own is in the second): times on a busy machine are no good.
            about.update(load=[round(load, 2), round(os.getloadavg()[0], 2)], began=began.isoformat(timespec="seconds"))
            _append(asked.results, {**settings, **found, **about})
            print(f"{seconds:.0f} s, accuracy en {found['accuracy_en']}, nl {found['accuracy_nl']}", flush=True)
    return 1 if failed else 0


def _run(config: Mapping[str, Any], nlu: str, sentences: Sequence[Labelled]) -> Dict[str, Any]:
    """Train and judge a pipeline in processes of its own. Raises RuntimeError with the last lines it said."""
    with tempfile.TemporaryDirectory(prefix="pipelines-") as name:
        folder = Path(name)
        (folder / "config.yml").write_text(yaml.safe_dump(dict(config), sort_keys=False), encoding="utf-8")
        (folder / "nlu.yml").write_text(nlu, encoding="utf-8")
        (folder / "job.json").write_text(json.dumps({"sentences": list(sentences)}), encoding="utf-8")
        environment = {
            **os.environ,
            "RASA_CACHE_DIRECTORY": str(folder / "cache"),  # an empty one: training time is that of training
            "RASA_TELEMETRY_ENABLED": "false",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
            "LOG_LEVEL": "WARNING",
            "PYTHONHASHSEED": "0",
        }
        return {**_step("run", folder, environment), **_step("serve", folder, environment)}


def _step(step: str, folder: Path, environment: Mapping[str, str]) -> Dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.worker", str(folder), step],
        cwd=PROJECT,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        raise RuntimeError("\n".join(done.stdout.splitlines()[-LAST_LINES:]))
    return json.loads((folder / f"{step}.json").read_text(encoding="utf-8"))


def _append(path: Path, run: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cut_off = path.exists() and not path.read_bytes().endswith(b"\n") and path.stat().st_size
    with path.open("a", encoding="utf-8") as file:
        file.write(("\n" if cut_off else "") + json.dumps(run) + "\n")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # by an exception, so that the run in progress is ended too
    sys.exit(main())
