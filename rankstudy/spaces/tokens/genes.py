"""Which token each gene of a data set has, by which name it was found, and why others have none."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from rankstudy.cells.tables import GENES
from rankstudy.core.ensembl import ENSEMBL_ID
from rankstudy.core.errors import StudyError, advise, listing
from rankstudy.core.files import write_json
from rankstudy.spaces.tokens.tables import GENE_NAMES, GENE_TOKENS, SYMBOLS, VOCABULARIES, VOCABULARY

log = logging.getLogger(__name__)


TOKEN = "token"
UNKNOWN = "name not in the dictionaries"
NO_TOKEN = "no token for this gene"
ENSEMBL, STRIPPED = "Ensembl id", "Ensembl id, version suffix removed"
SYMBOL, ALIAS = "symbol", "symbol or alias, in upper case"
SUMMED = "symbol in upper case, which other genes have too: summed"

_OTHER_SPECIES = re.compile(r"ENS[A-Z]+G\d{11}")
_MOUSE_SYMBOL = re.compile(r"[A-Z][a-z][a-z0-9-]*")


def map_genes(
    genes_in: str,
    vocabulary_in: str,
    names_in: str,
    identity_in: str,
    symbols_in: str | None = None,
    *,
    dataset: str,
    tokens: str,
    least_share: float,
    read_by: Sequence[str],
    may_lack: bool,
    tokens_out: str,
    report_out: str,
    found_out: str,
) -> None:
    """Find the token of each gene of a data set.

    An Ensembl id is taken without its version suffix. Any name is looked up in the authors' mapping dictionary (in
    upper case), then among the symbols as they are, then among the symbols in upper case where one only fits. In a
    vocabulary of symbols an Ensembl id is looked up by the symbols that `symbols_in` has for it.

    Parameters
    ----------
    genes_in
        The table `source_genes` of the data set.
    vocabulary_in, names_in, identity_in
        The vocabulary (`rankstudy.spaces.tokens.vocabulary`).
    symbols_in
        The table `gene_names` of a vocabulary of Ensembl ids.
    dataset, tokens
        Names of the data set and of the vocabulary's release.
    least_share
        Least share of the counts that must reach a token.
    read_by
        The spaces that read this vocabulary, for messages.
    may_lack
        Whether these are left out where too few of their genes are there.
    tokens_out, report_out
        Where the tables `gene_tokens` and `vocabularies` go.
    found_out
        Where it is said whether enough is there (JSON: `enough`).

    Raises
    ------
    StudyError
        If the genes are of another species, or a smaller share of the counts reaches a token; not if they may lack.
    """
    source, vocabulary = GENES.read(genes_in), VOCABULARY.read(vocabulary_in)
    version = json.loads(Path(identity_in).read_text(encoding="utf-8"))["version"]
    names = GENE_NAMES.read(names_in)
    if symbols_in is not None and names.empty:
        names = _names_of_symbols(GENE_NAMES.read(symbols_in), set(vocabulary["ensembl_id"]))
    table = find_tokens(source["gene"].tolist(), vocabulary, names)
    table = table.assign(dataset=dataset, tokens=tokens, n_counts=source["n_counts"].to_numpy())
    report = _report(table, version)
    try:
        if vocabulary["ensembl_id"].str.startswith("ENSG").all():
            _refuse_other_species(source["gene"].tolist(), dataset, read_by)
        _require_share(table, report, least_share, read_by)
        enough = True
    except StudyError as error:
        if not may_lack:
            raise
        log.warning("%s are left out: %s", listing(read_by), error)
        enough = False
    write_json({"enough": enough}, found_out)
    GENE_TOKENS.write(table[GENE_TOKENS.names], tokens_out)
    VOCABULARIES.write(report, report_out)


def map_symbols(genes_in: str, symbols_in: str, *, dataset: str, tokens_out: str, report_out: str) -> None:
    """Find the symbol, in upper case, of each gene of a data set: an Ensembl id without any keeps its own name.

    Parameters
    ----------
    genes_in
        The table `source_genes` of the data set.
    symbols_in
        The table `gene_names` of a vocabulary of Ensembl ids.
    dataset
        Name of the data set.
    tokens_out, report_out
        Where the tables `gene_tokens` and `vocabularies` go.
    """
    source, known = GENES.read(genes_in), symbols_of(GENE_NAMES.read(symbols_in))
    symbols = [_symbol(gene, known).upper() for gene in source["gene"]]
    table = source[["gene", "n_counts"]].assign(dataset=dataset, ensembl_id=symbols, median=np.nan, outcome=TOKEN)
    table["token"] = pd.factorize(np.array(symbols, object))[0]
    table["found_by"] = np.where(table["token"].duplicated(keep=False), SUMMED, SYMBOL)
    GENE_TOKENS.write(table.astype({"token": "Int64"})[GENE_TOKENS.names], tokens_out)
    VOCABULARIES.write(_report(table.assign(tokens=SYMBOLS), "symbols of the data set"), report_out)


def symbols_of(names: pd.DataFrame) -> dict[str, str]:
    """Return a symbol of each Ensembl id, from the table `gene_names`: the first one, where several stand for it."""
    symbols = names[~names["upper"]].drop_duplicates("ensembl_id")
    return dict(zip(symbols["ensembl_id"], symbols["name"], strict=True))


def _symbol(gene: str, known: Mapping[str, str]) -> str:
    match = ENSEMBL_ID.fullmatch(gene.upper())
    return gene if match is None else known.get(match[1], gene)


def _names_of_symbols(names: pd.DataFrame, vocabulary: set[str]) -> pd.DataFrame:
    """Return the Ensembl ids as names of the symbols of a vocabulary, those of several symbols by the first one."""
    symbols = names[~names["upper"] & names["name"].isin(vocabulary)].drop_duplicates("ensembl_id")
    return pd.DataFrame({"name": symbols["ensembl_id"], "upper": True, "ensembl_id": symbols["name"]})


def find_tokens(genes: Sequence[str], vocabulary: pd.DataFrame, names: pd.DataFrame) -> pd.DataFrame:
    """Return `gene, ensembl_id, token, median, found_by, outcome` for each gene; see `map_genes`."""
    known = set(vocabulary["ensembl_id"])
    mapping = dict(names.loc[names["upper"], ["name", "ensembl_id"]].itertuples(index=False))
    symbols = dict(names.loc[~names["upper"], ["name", "ensembl_id"]].itertuples(index=False))
    upper = _unambiguous({name: name.upper() for name in symbols}, symbols)
    found = [_find(gene, known, mapping, symbols, upper) for gene in genes]
    table = pd.DataFrame({"gene": list(genes), "ensembl_id": [f[0] for f in found], "found_by": [f[1] for f in found]})
    table = table.merge(vocabulary, on="ensembl_id", how="left", sort=False, validate="many_to_one")
    table["token"] = table["token"].astype("Int64")
    table["outcome"] = np.select([table["token"].notna(), table["ensembl_id"].notna()], [TOKEN, NO_TOKEN], UNKNOWN)
    return table


def _unambiguous(upper: dict[str, str], symbols: dict[str, str]) -> dict[str, str]:
    """Return the symbols in upper case that stand for one Ensembl id only."""
    ids: dict[str, set[str]] = {}
    for name, capital in upper.items():
        ids.setdefault(capital, set()).add(symbols[name])
    return {capital: found.pop() for capital, found in ids.items() if len(found) == 1}


def _find(
    gene: str, known: set[str], mapping: dict[str, str], symbols: dict[str, str], upper: dict[str, str]
) -> tuple[str | None, str | None]:
    """Return the Ensembl id of a name and how it was found."""
    match = ENSEMBL_ID.fullmatch(gene.upper())
    if match:
        plain = match[1]
        how = STRIPPED if match[2] else ENSEMBL
        return mapping.get(plain, plain if plain in known else None) or plain, how
    if gene.upper() in mapping:
        return mapping[gene.upper()], ALIAS
    if gene in symbols or gene in known:
        return symbols.get(gene, gene), SYMBOL
    if gene.upper() in upper:
        return upper[gene.upper()], ALIAS
    return None, None


def _refuse_other_species(genes: Sequence[str], dataset: str, read_by: Sequence[str]) -> None:
    foreign = [gene for gene in genes if _OTHER_SPECIES.match(gene.upper())]
    mouse_like = [gene for gene in genes if _MOUSE_SYMBOL.fullmatch(gene)]
    for found, what in ((foreign, "Ensembl ids of another species"), (mouse_like, "symbols written as for mouse")):
        if len(found) > len(genes) / 2:
            genes_are = f"{len(found):,} of {len(genes):,} genes are {what}, such as {listing(found, 3)}"
            vocabulary = f"the vocabulary that {listing(read_by)} read is of human genes"
            problem = f"data set {dataset}: {genes_are}, and {vocabulary}"
            raise StudyError(
                advise(
                    problem,
                    "map them to human orthologues first",
                    "leave these spaces out (`spaces` in the data set's file, `settings.also` of the study)",
                )
            )


def _report(table: pd.DataFrame, version: str) -> pd.DataFrame:
    groups = table.groupby(["dataset", "tokens", "outcome", "found_by"], dropna=False, sort=True)
    report = groups.agg(n_genes=("gene", "size"), n_counts=("n_counts", "sum")).reset_index()
    report["vocabulary"] = version
    report["share_genes"] = report["n_genes"] / len(table)
    report["share_counts"] = report["n_counts"] / max(table["n_counts"].sum(), 1e-300)
    return report[VOCABULARIES.names]


def _require_share(table: pd.DataFrame, report: pd.DataFrame, least_share: float, read_by: Sequence[str]) -> None:
    for row in report.itertuples():
        log.info(
            "%s%s: %d genes (%.1f %%), %.1f %% of the counts",
            row.outcome,
            f", by {row.found_by}" if isinstance(row.found_by, str) else "",
            row.n_genes,
            100 * row.share_genes,
            100 * row.share_counts,
        )
    reached = table["outcome"] == TOKEN
    repeated = table.loc[reached, "token"].duplicated(keep=False).sum()
    if repeated:
        log.info("%d genes share a token with another one; their counts are summed", repeated)
    share = report.loc[report["outcome"] == TOKEN, "share_counts"].sum()
    if share < least_share:
        lost = table.loc[~reached].sort_values("n_counts", ascending=False)["gene"].tolist()
        found = f"{share:.1%} of its counts reach a token, {int(reached.sum()):,} of {len(table):,} genes"
        most = listing(lost, 5)
        asked = f"at least {least_share:.0%} are asked for. The genes with the most counts that have none: {most}"
        vocabulary = f"vocabulary {report['tokens'].iloc[0]}, which {listing(read_by)} read"
        raise StudyError(
            advise(
                f"data set {report['dataset'].iloc[0]}: {vocabulary}: {found}, and {asked}",
                "name the genes by human Ensembl ids or symbols (such as `h5ad.gene_names`)",
                "leave these spaces out (`spaces` in the data set's file, `settings.also` of the study)",
                "lower `geneformer.least_share_of_counts`",
            )
        )
