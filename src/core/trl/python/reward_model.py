"""A reward model, fitted to the comparisons of data/preferences.jsonl.  accelerate launch reward_model.py"""

from common import read_options, read_rows, read_tokenizer
from trl import RewardConfig, RewardTrainer


def main():
    options = read_options("reward")
    trainer = RewardTrainer(
        model=options.model,
        args=RewardConfig(**options.settings),
        train_dataset=read_rows("preferences", "world-preferences"),
        processing_class=read_tokenizer(options.model),
    )
    trainer.train()
    trainer.save_model()


if __name__ == "__main__":
    main()
