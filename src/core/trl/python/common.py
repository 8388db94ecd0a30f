"""What the scripts share: the settings that came from the page, the data sets beside this file, and the command line."""

import argparse
import json
import os
from pathlib import Path

HERE = Path(__file__).resolve().parent


def read_options(stage):
    """The command line, and this stage's settings: TRL's own names, as `settings.json` has them."""
    parser = argparse.ArgumentParser(description=f"Trains by {stage}, with the settings of settings.json.")
    parser.add_argument("--model", default=str(HERE / "policy"), help="a folder, or a model of the hub")
    parser.add_argument("--reward_model", default=str(HERE / "reward-model"), help="a folder, or a model of the hub")
    parser.add_argument("--output_dir", default=str(HERE / "trained" / stage), help="where the trained model goes")
    parser.add_argument("--max_steps", type=int, help="stop after so many steps: to try things out")
    options = parser.parse_args()
    settings = json.loads((HERE / "settings.json").read_text(encoding="utf-8"))[stage]
    if options.max_steps is not None and "max_steps" in settings:
        settings["max_steps"] = options.max_steps
    if options.max_steps is not None and "total_episodes" in settings:
        settings["total_episodes"] = options.max_steps * settings["per_device_train_batch_size"]
    options.settings = {**settings, **share(settings), "output_dir": options.output_dir}
    return options


def share(settings):
    """One update looks at as much on eight processes as on one: each gets its share of the batch."""
    batch, processes = settings["per_device_train_batch_size"], int(os.environ.get("WORLD_SIZE", "1"))
    if batch % processes != 0:
        raise SystemExit(f"A batch of {batch} cannot be divided among {processes} processes: change it in settings.json.")
    return {"per_device_train_batch_size": batch // processes}


def read_rows(*names):
    """A data set: the rows of the first of these files in `data/` that is there."""
    from datasets import load_dataset

    for name in names:
        path = HERE / "data" / f"{name}.jsonl"
        if path.exists():
            return load_dataset("json", data_files=str(path), split="train")
    raise SystemExit(f"data/{names[0]}.jsonl is missing.")


def read_tokenizer(model, **options):
    """The tokenizer of a model; one without a chat format of its own gets that of the page's chat models."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model, **options)
    if tokenizer.chat_template is None:
        tokenizer.chat_template = (HERE / "chat_template.jinja").read_text(encoding="utf-8")
    return tokenizer
