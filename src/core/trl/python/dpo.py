"""DPO on the comparisons of data/preferences.jsonl; the model it starts from is the reference.  accelerate launch dpo.py"""

from common import read_options, read_rows, read_tokenizer
from trl import DPOConfig, DPOTrainer


def main():
    options = read_options("dpo")
    trainer = DPOTrainer(
        model=options.model,
        args=DPOConfig(**options.settings),
        train_dataset=read_rows("preferences", "world-preferences"),
        processing_class=read_tokenizer(options.model),
    )
    trainer.train()
    trainer.save_model()


if __name__ == "__main__":
    main()
