"""A text model of sentence-transformers' layout, small enough for tests: random weights, a tokenizer of letters."""

import hashlib
import json

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *(f"{c}" for c in "abcdefghijklmnopqrstuvwxyz0123456789:.")]
FILES = {
    "config": "config.json",
    "weights": "model.safetensors",
    "tokenizer": "tokenizer.json",
    "modules": "modules.json",
    "pooling": "1_Pooling/config.json",
    "window": "sentence_bert_config.json",
}


def write(folder, window=24, pooling="mean_tokens", modules=("Transformer", "Pooling", "Normalize")):
    """Write the files of a model, a word piece for each letter, and return their paths by what they are."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    vocabulary = [*PIECES, *(f"##{piece}" for piece in PIECES[4:])]
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(folder, safe_serialization=True)
    tokenizer = Tokenizer(models.WordPiece({p: k for k, p in enumerate(vocabulary)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "1_Pooling").mkdir()
    ways = ("cls_token", "mean_tokens", "max_tokens")
    written = {
        "modules": [{"idx": k, "type": f"sentence_transformers.models.{kind}"} for k, kind in enumerate(modules)],
        "pooling": {f"pooling_mode_{way}": way == pooling for way in ways},
        "window": {"max_seq_length": window, "do_lower_case": False},
    }
    for what, content in written.items():
        (folder / FILES[what]).write_text(json.dumps(content))
    return {what: str(folder / name) for what, name in FILES.items()}


def members(folder):
    """Return path, size and SHA-256 of each file, as a release states them."""
    found = {}
    for what, name in FILES.items():
        content = (folder / name).read_bytes()
        found[what] = {"path": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    return found
