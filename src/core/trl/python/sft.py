"""SFT: imitates the demonstrations of data/demonstrations.jsonl.  accelerate launch sft.py"""

from common import read_options, read_rows, read_tokenizer
from trl import SFTConfig, SFTTrainer


def main():
    options = read_options("sft")
    trainer = SFTTrainer(
        model=options.model,
        args=SFTConfig(**options.settings),
        train_dataset=read_rows("demonstrations"),
        processing_class=read_tokenizer(options.model),
    )
    trainer.train()
    trainer.save_model()


if __name__ == "__main__":
    main()
