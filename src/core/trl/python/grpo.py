"""GRPO on the prompts of data/prompts.jsonl, rewarded by reward.py.  accelerate launch grpo.py"""

from common import read_options, read_rows, read_tokenizer
from reward import reward, reward_model_weight
from trl import GRPOConfig, GRPOTrainer


def main():
    options = read_options("grpo")
    weight = reward_model_weight()
    trainer = GRPOTrainer(
        model=options.model,
        reward_funcs=[reward, options.reward_model] if weight else [reward],
        args=GRPOConfig(**options.settings, reward_weights=[1.0, weight] if weight else [1.0]),
        train_dataset=read_rows("prompts"),
        processing_class=read_tokenizer(options.model, padding_side="left"),
    )
    trainer.train()
    trainer.save_model()


if __name__ == "__main__":
    main()
