"""Writes docs/decisions/thresholds.md: when a reading is accepted, confirmed or refused, with the curves that justify it.

The thresholds are computed at training (`bot/nlu/intents.py`) from out-of-fold predictions; this script only shows them.
"""

import sys
import tarfile
import tempfile
from pathlib import Path

import joblib
import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))
FOLDER = PROJECT / "docs" / "decisions"
STEPS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95)


def load_model():
    """Return the intent model inside the newest trained model."""
    newest = max((PROJECT / "models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(newest) as archive:
            (member,) = [name for name in archive.getnames() if name.endswith("intents.joblib")]
            archive.extract(member, folder)
        return joblib.load(Path(folder) / member)


def draw(model, confidence, right, genuine, in_scope, path):
    """Draw accuracy and share of what is accepted by threshold, and what is refused by threshold."""
    figure = Figure(figsize=(9, 3.6))
    FigureCanvasAgg(figure)
    left, other = figure.subplots(1, 2)
    steps = np.linspace(0.2, 0.99, 80)
    kept = genuine & (in_scope >= model.scope.threshold)
    accuracy = [right[kept & (confidence >= step)].mean() for step in steps]
    share = [(confidence[kept] >= step).mean() for step in steps]
    left.plot(steps, accuracy, label="right, of the accepted")
    left.plot(steps, share, label="accepted, of the genuine")
    left.axvline(model.accept_from, color="0.4", linestyle="--")
    left.set_xlabel("accept from this confidence")
    left.legend(loc="lower left", fontsize=8)
    scopes = np.linspace(0, 1, 200)
    other.plot(scopes, [(in_scope[~genuine] < step).mean() for step in scopes], label="foreign refused")
    other.plot(scopes, [(in_scope[genuine] < step).mean() for step in scopes], label="genuine refused")
    other.axvline(model.scope.threshold, color="0.4", linestyle="--")
    other.set_xlabel("refuse below this probability of being in scope")
    other.legend(loc="center right", fontsize=8)
    with matplotlib.rc_context({"svg.hashsalt": "thresholds"}):
        figure.savefig(path, bbox_inches="tight", metadata={"Date": None})


def main():
    """Write the page and its picture."""
    model = load_model()
    confidence, right, in_scope, genuine = (
        np.array(model.report[name]) for name in ("confidence", "right", "in_scope", "genuine")
    )
    kept = genuine & (in_scope >= model.scope.threshold)
    FOLDER.mkdir(exist_ok=True)
    draw(model, confidence, right, genuine, in_scope, FOLDER / "thresholds.svg")
    rows = []
    for step in sorted({*STEPS, round(model.accept_from, 3)}):
        chosen = kept & (confidence >= step)
        rows.append(f"| {step:.3f} | {100 * right[chosen].mean():.1f} % | {100 * chosen.sum() / kept.sum():.1f} % |")
    settings = model.settings
    text = f"""# When a reading is accepted, confirmed or refused

Made by `python tools/thresholds.py` from the trained model. All numbers are out of fold: each of the {len(confidence)}
training messages judged by a model that never saw it ({settings.folds} folds; accuracy over all {100 * right.mean():.1f} %).
They are lower than on the evaluation sentences, as the training sentences lie at the borders between intents on purpose.

- Confidence is a probability: logits divided by the temperature {model.temperature:.3f}, fitted on the held-out folds.
- **Refused**: the probability of being in scope is below {model.scope.threshold:.3f}. This refuses
  {100 * settings.false_refusals:.0f} % of the genuine messages (setting `false_refusals`) and
  {100 * (in_scope[~genuine] < model.scope.threshold).mean():.1f} % of the foreign ones.
- **Accepted**: a confidence of {model.accept_from:.3f} or more, the lowest from which readings are right in
  {100 * settings.accepted_accuracy:.0f} % (setting `accepted_accuracy`).
- **Confirmed**: what lies between. The person is asked "Do you mean ...?", unless acting loses nothing (`acted_on` in
  `bot/nlu/understanding.py`): what follows is a question anyway, or only a word of courtesy.

| accept from | right, of the accepted | accepted, of the genuine not refused |
|---|---|---|
{chr(10).join(rows)}

![Curves](thresholds.svg)
"""
    (FOLDER / "thresholds.md").write_text(text, encoding="utf-8")
    print("docs/decisions/thresholds.md")


if __name__ == "__main__":
    main()
