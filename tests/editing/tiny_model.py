"""A checkpoint of a language model, as anybody's folder is: configuration, safetensors, tokenizer, chat template.

Its weights are random, so it says anything that it is permitted to say.
"""

from pathlib import Path

import tokenizers
import torch
import transformers
from tokenizers import decoders, models, pre_tokenizers, trainers

from maquette.editing.grammar.vocabulary import History
from maquette.editing.llm.prompt import messages_for
from maquette.editing.llm.scene_text import SceneText

_TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def save_tiny_model(folder: Path, *, seed: int = 0, template: str | None = _TEMPLATE) -> None:
    """One layer, 16 wide, 800 tokens; weights so large that the answer depends on the prompt."""
    torch.manual_seed(seed)
    tokenizer = tokenizers.Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=800,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=["<|im_start|>", "<|im_end|>"],
        show_progress=False,
    )
    told = messages_for("put the lamp on the table", SceneText("", {}), History())
    tokenizer.train_from_iterator([message["content"] for message in told], trainer)
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<|im_end|>", chat_template=template
    )
    fast.save_pretrained(folder)
    transformers.utils.logging.disable_progress_bar()
    config = transformers.Qwen2Config(
        vocab_size=800,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=16384,
        initializer_range=1.0,
    )
    transformers.Qwen2ForCausalLM(config).save_pretrained(folder)
