"""PPO on the prompts of data/prompts.jsonl, rewarded by the model in reward-model/.  accelerate launch ppo.py

TRL gave up PPO in September 2026; this needs an older one, in an environment of its own:
pip install -r requirements-ppo.txt. rloo.py is what TRL keeps of its kind.
"""

from common import read_options, read_rows, read_tokenizer
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification

try:
    from trl.experimental.ppo import PPOConfig, PPOTrainer
except ImportError as error:
    raise SystemExit("This TRL has no PPO any more: pip install -r requirements-ppo.txt, or run rloo.py instead.") from error


def main():
    options = read_options("ppo")
    tokenizer = read_tokenizer(options.model, padding_side="left")

    def tokens_of(row):
        text = tokenizer.apply_chat_template(row["prompt"], tokenize=False, add_generation_prompt=True)
        return {"input_ids": tokenizer(text, add_special_tokens=False)["input_ids"]}

    prompts = read_rows("prompts")
    prompts = prompts.map(tokens_of, remove_columns=prompts.column_names)

    def scorer():
        return AutoModelForSequenceClassification.from_pretrained(options.reward_model, num_labels=1, dtype="float32")

    def policy():
        return AutoModelForCausalLM.from_pretrained(options.model, dtype="float32")

    trainer = PPOTrainer(
        args=PPOConfig(**options.settings, sft_model_path=options.model, reward_model_path=options.reward_model),
        processing_class=tokenizer,
        model=policy(),
        ref_model=policy(),
        reward_model=scorer(),
        value_model=scorer(),
        train_dataset=prompts,
        eval_dataset=prompts.select(range(min(16, len(prompts)))),
    )
    trainer.train()
    trainer.save_model(options.output_dir)


if __name__ == "__main__":
    main()
