"""Vectors of texts are made once, also over a killed run, and cost what was accepted."""

import hashlib

import numpy as np
import pytest

from rankstudy.core.errors import StudyError
from rankstudy.spaces.texts.kept import Kept, require_accepted

TEXTS = [f"text {k}" for k in range(100)]


def vector(text):
    return np.frombuffer(hashlib.md5(text.encode()).digest(), np.uint8).astype(np.float32)


class Model:
    """Embeds, and stops after so many texts as a job that is killed."""

    def __init__(self, dies_after=None):
        self.read, self.dies_after = [], dies_after

    def __call__(self, texts):
        for text in texts:
            if self.dies_after is not None and len(self.read) >= self.dies_after:
                raise KeyboardInterrupt
            self.read.append(text)
        return np.stack([vector(text) for text in texts])


def test_each_text_has_its_vector_however_they_are_asked_for(tmp_path):
    model, asked = Model(), [*TEXTS, *reversed(TEXTS), "text 5"]
    found = Kept(str(tmp_path)).vectors(asked, model)
    np.testing.assert_array_equal(found, np.stack([vector(text) for text in asked]))
    assert sorted(model.read) == sorted(TEXTS)


def test_a_run_that_was_killed_repeats_no_batch_that_was_done(tmp_path):
    first = Model(dies_after=70)
    with pytest.raises(KeyboardInterrupt):
        Kept(str(tmp_path)).vectors(TEXTS, first)
    second = Model()
    found = Kept(str(tmp_path)).vectors(TEXTS, second)
    done = set(first.read) - set(second.read)
    assert len(done) == 64, "two batches of 32 were kept"
    assert len(second.read) == 36
    np.testing.assert_array_equal(found, np.stack([vector(text) for text in TEXTS]))


def test_a_second_run_reads_nothing(tmp_path):
    Kept(str(tmp_path)).vectors(TEXTS, Model())
    assert Kept(str(tmp_path)).missing(TEXTS) == []
    Kept(str(tmp_path)).vectors(TEXTS, Model(dies_after=0))


def test_no_text_has_no_vector(tmp_path):
    assert Kept(str(tmp_path), 16).vectors([], Model()).shape == (0, 16)


@pytest.mark.parametrize(
    ("gives", "said"),
    [
        (lambda texts: np.zeros((len(texts) + 1, 3)), "gave an array"),
        (lambda texts: np.zeros(len(texts)), "gave an array"),
        (lambda texts: np.full((len(texts), 3), np.nan), "not finite"),
    ],
)
def test_what_is_no_vector_of_each_text_is_refused_and_not_kept(tmp_path, gives, said):
    with pytest.raises(StudyError, match=said):
        Kept(str(tmp_path)).vectors(TEXTS, gives)
    assert not list(tmp_path.glob("*.npz"))


def test_vectors_of_another_length_than_others_are_refused(tmp_path):
    Kept(str(tmp_path)).vectors(TEXTS[:3], Model())
    with pytest.raises(StudyError, match="expected 16 numbers"):
        Kept(str(tmp_path)).vectors(TEXTS, lambda texts: np.zeros((len(texts), 5)))


def test_what_costs_more_than_was_accepted_is_not_sent():
    require_accepted(TEXTS, 0.0, 0.0, "model")
    characters = sum(map(len, TEXTS))
    require_accepted(TEXTS, 1000.0, characters / 1000, "model")
    with pytest.raises(StudyError, match=r"none was sent; set `text.accepted_cost` to") as error:
        require_accepted(TEXTS, 1000.0, characters / 1000 - 0.01, "model")
    enough = float(str(error.value).split("accepted_cost` to ")[1].split()[0])
    require_accepted(TEXTS, 1000.0, enough, "model")
