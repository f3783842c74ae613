"""The versions of Geneformer: what is fixed in each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Version:
    """What is fixed in a version of Geneformer: its special tokens, by their ids from 0, and its longest input."""

    name: str
    specials: tuple[str, ...]
    max_length: int

    @property
    def frames(self) -> bool:
        """Whether a cell's tokens stand between `<cls>` and `<eos>`."""
        return "<cls>" in self.specials


VERSIONS = {
    "V1": Version("V1", ("<pad>", "<mask>"), 2048),
    "V2": Version("V2", ("<pad>", "<mask>", "<cls>", "<eos>"), 4096),
}
PAD, MASK, CLS, EOS = range(4)
