"""RLOO on the prompts of data/prompts.jsonl, rewarded by reward.py.  accelerate launch rloo.py"""

from common import read_options, read_rows, read_tokenizer
from reward import reward, reward_model_weight
from trl import RLOOConfig, RLOOTrainer


def main():
    options = read_options("rloo")
    weight = reward_model_weight()
    trainer = RLOOTrainer(
        model=options.model,
        reward_funcs=[reward, options.reward_model] if weight else [reward],
        args=RLOOConfig(**options.settings, reward_weights=[1.0, weight] if weight else [1.0]),
        train_dataset=read_rows("prompts"),
        processing_class=read_tokenizer(options.model, padding_side="left"),
    )
    trainer.train()
    trainer.save_model()


if __name__ == "__main__":
    main()
