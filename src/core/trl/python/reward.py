"""The reward as the page's sliders stood: a weighted sum of named features, in TRL's form of a reward function.

What the text alone says is measured here. What only the small world knows (is it right? on topic? a word of the world?) is
asked of world_judge.mjs, the page's own judge, in a Node process (20 or newer); with no weight on such a feature, Node is not needed.
"""

import atexit
import json
import re
import subprocess
import threading
from pathlib import Path

HERE = Path(__file__).resolve().parent
REWARD = json.loads((HERE / "reward.json").read_text(encoding="utf-8"))
WEIGHTS = {name: weight for name, weight in REWARD["weights"].items() if weight != 0}
PHRASES = REWARD["phrases"]


def reward_model_weight():
    """How much a point of the neural reward model counts beside this function; 0 when the page's reward had none."""
    return REWARD["reward_model_weight"]


def words_of(text):
    return re.findall(r"[a-z]+(?:'[a-z]+)*", text.lower().replace("’", "'"))


def spelled_out(text):
    text = text.lower()
    for short, long in PHRASES["spelled_out"]:
        text = text.replace(short, long)
    return text


def politeness(text, **_):
    return [0.0, 0.7, 1.0][min(2, sum(phrase in text.lower() for phrase in PHRASES["courtesies"]))]


def repetition(text, **_):
    words = words_of(text)
    runs = [tuple(words[at : at + 4]) for at in range(len(words) - 3)]
    return 0.0 if len(runs) < 2 else min(1.0, 2 * (1 - len(set(runs)) / len(runs)))


def hedging(text, **_):
    words = " " + " ".join(words_of(spelled_out(text))) + " "
    return min(1.0, sum(words.count(f" {phrase} ") for phrase in PHRASES["hedges"]) / 3)


def refusal(text, **_):
    plain = spelled_out(text)
    return float(any(phrase in plain for phrase in PHRASES["refusals"]))


def list_share(text, **_):
    lines = [line for line in text.split("\n") if line.strip()]
    return sum(bool(re.match(r"\s*(?:[*\-•]|\d+[.)])\s+\S", line)) for line in lines) / len(lines) if lines else 0.0


def sentence_length(text, **_):
    parts = re.split(r"(?<=[.!?])\s+|\n+", text)
    sentences = [part for part in parts if re.search(r"[a-z0-9]", part, re.IGNORECASE | re.ASCII)]
    return min(1.0, len(words_of(text)) / len(sentences) / 20) if sentences else 0.0


TEXT_FEATURES = {
    "length": lambda num_tokens, **_: min(1.5, num_tokens / 64),
    "ending": lambda finished, **_: float(finished),
    "exclamation": lambda text, **_: min(1.0, text.count("!") / 8),
    "question_back": lambda text, **_: float(re.search(r"\?[\"'”’)\s]*$", text) is not None),
    "politeness": politeness,
    "repetition": repetition,
    "hedging": hedging,
    "refusal": refusal,
    "list_share": list_share,
    "sentence_length": sentence_length,
}
WORLD_FEATURES = [name for name in WEIGHTS if name not in TEXT_FEATURES]


class WorldJudge:
    """The page's judge behind a pipe: a line of JSON for each answer, a line of feature values back."""

    def __init__(self):
        judge = HERE / "world_judge.mjs"
        if not judge.exists():
            raise SystemExit(f"world_judge.mjs is missing; set these weights to 0 in reward.json: {', '.join(WORLD_FEATURES)}.")
        try:
            self.process = subprocess.Popen(
                ["node", str(judge)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
            )
        except FileNotFoundError:
            raise SystemExit(f"These features need Node 20 or newer: {', '.join(WORLD_FEATURES)}.") from None
        atexit.register(self.process.kill)

    def ask(self, answers):
        # Written on a thread of its own: with both pipes full, each side would wait for the other.
        lines = "".join(json.dumps(answer) + "\n" for answer in answers)
        writer = threading.Thread(target=lambda: (self.process.stdin.write(lines), self.process.stdin.flush()))
        writer.start()
        values = []
        for _ in answers:
            line = self.process.stdout.readline()
            if line == "":
                raise RuntimeError("world_judge.mjs ended before it had answered.")
            values.append(json.loads(line))
        writer.join()
        return values


_judge = None


def world_values(answers):
    global _judge
    _judge = _judge or WorldJudge()
    return _judge.ask(answers)


def features(answers):
    """The values of all features that have a weight. `answers`: prompt, text, num_tokens and finished of each."""
    measured = [{name: TEXT_FEATURES[name](**answer) for name in WEIGHTS if name in TEXT_FEATURES} for answer in answers]
    if WORLD_FEATURES:
        for values, known in zip(measured, world_values(answers), strict=True):
            values.update({name: known[name] for name in WORLD_FEATURES})
    return measured


def last_words(messages):
    """The text of a prompt or a completion, which TRL hands over as text or as a list of messages."""
    return messages if isinstance(messages, str) else messages[-1]["content"]


def reward(prompts, completions, completion_ids=None, **_):
    """TRL's reward function: one number for each completion."""
    answers = []
    for place, (prompt, completion) in enumerate(zip(prompts, completions, strict=True)):
        ids = completion_ids[place] if completion_ids is not None else None
        finished = ids is None or (len(ids) > 0 and ids[-1] in REWARD["end_token_ids"])
        num_tokens = len(words_of(last_words(completion))) if ids is None else len(ids)
        answers.append(
            {"prompt": last_words(prompt), "text": last_words(completion), "num_tokens": num_tokens, "finished": finished}
        )
    return [sum(WEIGHTS[name] * value for name, value in values.items()) for values in features(answers)]
