"""From what a data set's YAML says of its source to addresses: figshare, Zenodo, CELLxGENE, or an address as it is.

What the services answer is checked field by field: they change, and then the message should say which field is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from rankstudy.core.addresses import shown
from rankstudy.core.errors import StudyError, listing
from rankstudy.sources.download.answers import Refused
from rankstudy.sources.download.http import BY_HAND, Download, ask
from rankstudy.sources.download.patience import DEFAULT, Patience
from rankstudy.sources.source import Source


@dataclass(frozen=True)
class Services:
    """Where the services are, without a slash at the end."""

    figshare_api: str = "https://api.figshare.com/v2"
    """First choice: it redirects to the file, and no check for browsers stands before it."""
    figshare_files: str = "https://ndownloader.figshare.com/files"
    zenodo: str = "https://zenodo.org"
    cellxgene: str = "https://api.cellxgene.cziscience.com/curation/v1"


PUBLIC = Services()


def resolve(
    source: Source,
    *,
    what: str,
    licence: str | None = None,
    services: Services = PUBLIC,
    patience: Patience = DEFAULT,
) -> Download:
    """Return where the file of a source is and what is known of it, asking the service where that is needed.

    Parameters
    ----------
    source
        A source with `url`, `figshare`, `zenodo` or `cellxgene`.
    what, licence
        Its name in messages; its licence, for the manifest.
    services, patience
        Where to ask, and how long to wait for an answer.

    Raises
    ------
    StudyError
        If the service does not answer, or does not have the file.
    """
    known = {name: getattr(source, name) for name in ("bytes", "sha256", "md5", "unverified")}
    known |= {"what": what, "licence": licence, "details": {"source": source.recorded_origin}}
    try:
        return _RESOLVERS[source.origin](source, known, services, patience)
    except Refused as reason:
        raise StudyError(f"{what}: {reason}. {BY_HAND}") from None


def _url(source: Source, known: dict[str, Any], services: Services, patience: Patience) -> Download:
    return Download(addresses=source.addresses, **known)


def _figshare(source: Source, known: dict[str, Any], services: Services, patience: Patience) -> Download:
    number = source.figshare
    addresses = [f"{services.figshare_api}/file/download/{number}", f"{services.figshare_files}/{number}"]
    return Download(addresses=addresses, version=str(number), **known)


def _zenodo(source: Source, known: dict[str, Any], services: Services, patience: Patience) -> Download:
    record, file = source.zenodo.record, quote(source.zenodo.file)
    if known["sha256"] is None and known["md5"] is None:
        known |= _published_by_zenodo(source, f"{services.zenodo}/api/records/{record}", patience)
    addresses = [
        f"{services.zenodo}/api/records/{record}/files/{file}/content",
        f"{services.zenodo}/records/{record}/files/{file}?download=1",
    ]
    return Download(addresses=addresses, version=str(record), **known)


def _published_by_zenodo(source: Source, address: str, patience: Patience) -> dict[str, Any]:
    """Return the size and the MD5 that Zenodo states for a file."""
    files = _Answer.of(address, patience).each("files")
    names = [file.text("key") for file in files]
    if source.zenodo.file not in names:
        raise Refused(f"{shown(address)} has no file {source.zenodo.file!r}; its files are {listing(names)}")
    file = files[names.index(source.zenodo.file)]
    size, (kind, _, digest) = file.number("size"), file.text("checksum").partition(":")
    _as_stated(source, size, "Zenodo")
    if kind != "md5":
        raise Refused(f"{shown(address)} states a checksum of another kind ({kind}) than md5; give `sha256` or `md5`")
    return {"bytes": size, "md5": digest, "unverified": False}


def _cellxgene(source: Source, known: dict[str, Any], services: Services, patience: Patience) -> Download:
    wanted = source.cellxgene
    if wanted.version is not None:
        found = _Answer.of(f"{services.cellxgene}/dataset_versions/{wanted.version}", patience)
        if found.text("dataset_id") != wanted.dataset:
            raise Refused(f"{found.address} is a version of {found.text('dataset_id')}, not of {wanted.dataset}")
    else:
        collection = _Answer.of(f"{services.cellxgene}/collections/{wanted.collection}", patience)
        datasets = {dataset.text("dataset_id"): dataset for dataset in collection.each("datasets")}
        if wanted.dataset not in datasets:
            raise Refused(f"{collection.address} has no data set {wanted.dataset}; it has {listing(datasets)}")
        found = datasets[wanted.dataset]
    version = found.text("dataset_version_id")
    assets = [asset for asset in found.each("assets") if asset.text("filetype") == "H5AD"]
    if len(assets) != 1:
        raise Refused(f"{found.address} has {len(assets)} H5AD files of {wanted.dataset}, expected one")
    size = assets[0].number("filesize")
    _as_stated(source, size, f"CELLxGENE (version {version})")
    known |= {"bytes": size, "unverified": False, "version": version}
    return Download(addresses=[assets[0].text("url")], **known)


def _as_stated(source: Source, size: int, where: str) -> None:
    if source.bytes not in (None, size):
        raise Refused(
            f"{where} has a file of {size:,} bytes, expected {source.bytes:,}: correct `bytes` or name the version"
        )


_RESOLVERS: dict[str, Callable[[Source, dict[str, Any], Services, Patience], Download]] = {
    "url": _url,
    "figshare": _figshare,
    "zenodo": _zenodo,
    "cellxgene": _cellxgene,
}


@dataclass(frozen=True)
class _Answer:
    """A section of what a service answered, whose fields are checked when they are read."""

    address: str
    value: Any

    @classmethod
    def of(cls, address: str, patience: Patience) -> _Answer:
        try:
            return cls(shown(address), ask(address, patience))
        except Refused as reason:
            raise Refused(f"{shown(address)} {reason}") from None

    def _field(self, name: str, kind: type) -> Any:
        value = self.value.get(name) if isinstance(self.value, dict) else None
        if not isinstance(value, kind) or isinstance(value, bool):
            raise Refused(f"{self.address} answers in another form than known: `{name}` is missing or of another kind")
        return value

    def text(self, name: str) -> str:
        return self._field(name, str)

    def number(self, name: str) -> int:
        return self._field(name, int)

    def each(self, name: str) -> list[_Answer]:
        return [_Answer(self.address, value) for value in self._field(name, list)]
