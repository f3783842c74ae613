"""The tables of changes of one gene: which an encoding shows, what else moves, and what can be seen of each gene."""

from __future__ import annotations

from rankstudy.core.tables import CELL_ID, CELL_TYPE, DATASET, SEED, SPACE, Column, Table
from rankstudy.measures.tables import ENDS, LEVEL, LEVELS, SCOPE

# changes of a count, by their names: factors (halves are rounded down, of counts of 2 or more) and molecules added to
# genes that the cell lacks
REMOVED, DOUBLED = "x0", "x2"
FACTORS = {REMOVED: 0.0, "x0.5": 0.5, DOUBLED: 2.0, "x5": 5.0, "x10": 10.0}
ADDED = {"+1": 1, "+3": 3}
CHANGES = (*FACTORS, *ADDED)
# places of genes by descending count, 1 is the highest: the last one of each group; None: all that are left
PLACES = {"1": 1, "2-10": 10, "11-100": 100, "101-1000": 1000, "1001-": None}
ANYWHERE, UNDETECTED = "all", "undetected"
BY_RULE, ANEW = "rule", "encoded anew"
QUANTILES = 0.05, 0.25, 0.5, 0.75, 0.95

_POSITION = Column(
    "position",
    "text",
    f"place of the gene by descending count, ties at random: {', '.join(f'`{name}`' for name in PLACES)}; "
    f"`{UNDETECTED}`; `{ANYWHERE}` detected genes",
)
_CHANGE = Column(
    "change",
    "text",
    "the count times 0, 0.5 (counts of 2 or more, rounded down), 2, 5 or 10: `x0` to `x10`; or one or three molecules "
    "given to a gene that the cell lacks: `+1`, `+3`. The total of the cell follows",
)
_N_CELLS = Column("n_cells", "integer", "cells", "cells")
_DRAWS = Column("draws", "integer", "draws of ties that numbers are means of; 1 without chance")

COUNTERFACTUALS = Table(
    "counterfactuals",
    "Changes of one gene in one cell: the share to which an encoding is blind, that is, which leave all of it as it "
    "is, and how many entries of other genes move.",
    (
        DATASET,
        SEED,
        SPACE,
        SCOPE,
        _POSITION,
        _CHANGE,
        Column("by", "text", f"`{BY_RULE}`: closed forms, all changes; `{ANEW}`: encoded again, on fewer cells"),
        Column("n_changes", "integer", "changes"),
        _N_CELLS,
        _DRAWS,
        Column("blind", "number", "share of the changes to which the encoding is blind, mean over cells", "0 to 1"),
        *ENDS,
        LEVEL,
        LEVELS,
        Column("unread", "number", "share of the changes that are of genes that it does not read", "0 to 1"),
        Column(
            "displaced",
            "number",
            "entries of other genes that move, mean over changes: of an order places, of bins and levels any change, "
            "of values those that move by more than 1 %",
            "genes",
        ),
        Column("displaced_median", "number", "median over changes", "genes"),
        Column("displaced_q95", "number", "95 % quantile", "genes"),
        Column("entries", "number", "entries of a cell before the change, mean", "genes"),
    ),
    ("dataset", "seed", "space", "cell_type", "position", "change"),
    location="results/<dataset>/tables/counterfactuals.parquet, .tsv",
)

_BAND = "the narrowest over draws of ties; 1: any change is seen"
BLIND_BANDS = Table(
    "blind_bands",
    "The blind band of a gene in a cell: how far its count may fall and rise, as a real number, and leave the encoding "
    "as it is. Quantiles over genes and cells; of encodings with closed forms.",
    (
        DATASET,
        SEED,
        SPACE,
        SCOPE,
        _POSITION,
        Column("n", "integer", "genes in cells"),
        _N_CELLS,
        *(
            Column(
                f"fall_q{100 * q:02.0f}", "number", f"{q:.0%} quantile of the share that a count may fall to, {_BAND}"
            )
            for q in QUANTILES
        ),
        Column("gone", "number", "share of genes that may be removed unseen", "0 to 1"),
        *(
            Column(
                f"rise_q{100 * q:02.0f}",
                "number",
                f"{q:.0%} quantile of the fold change that a count may rise by, {_BAND}; empty: without end",
                optional=True,
            )
            for q in QUANTILES
        ),
        Column("endless", "number", "share of genes whose rise has no end", "0 to 1"),
    ),
    ("dataset", "seed", "space", "cell_type", "position"),
    location="results/<dataset>/tables/blind_bands.parquet, .tsv",
)

MOVEMENTS = Table(
    "movements",
    "How far a change of one gene moves a cell in a space, beside the distance of the cell's twins (two halves of its "
    "molecules): distances are 1 less the correlation over the selected genes. On some of the changes, encoded again.",
    (
        DATASET,
        SEED,
        SPACE,
        SCOPE,
        _POSITION,
        _CHANGE,
        Column("n_changes", "integer", "changes"),
        _N_CELLS,
        Column("moved", "number", "median distance that a change moves the cell"),
        Column("twins", "number", "median distance of the cell's twins"),
        Column("ratio", "number", "median of the distance moved over that of the cell's twins"),
        Column("ratio_q95", "number", "95 % quantile"),
        *ENDS,
        LEVEL,
        LEVELS,
    ),
    ("dataset", "seed", "space", "cell_type", "position", "change"),
    location="results/<dataset>/tables/movements.parquet, .tsv",
)

VISIBILITY = Table(
    "visibility",
    "The visibility atlas: what an encoding can show of a gene in the cells of a type. Sorted by gene.",
    (
        DATASET,
        SEED,
        Column("gene", "text", "name of the gene"),
        Column("symbol", "text", "its symbol, where one is known", optional=True),
        CELL_TYPE,
        SPACE,
        _N_CELLS,
        Column("detected", "number", "share of the cells that have the gene", "0 to 1"),
        Column("listed", "number", "share of the cells in whose encoding it is, other than as absent", "0 to 1"),
        *(
            Column(end.name, "number", f"{end.meaning} of `listed`; empty below five batches or donors", optional=True)
            for end in ENDS
        ),
        Column(
            "place", "number", "median place where it is listed, 1 is the highest; of values by size", optional=True
        ),
        Column(
            "spread",
            "number",
            "standard deviation of the place over twins, at half depth: the root mean square of the difference of two "
            "twins that both list it, over the root of 2; empty where fewer than five cells do",
            "places",
            optional=True,
        ),
        Column(
            "smallest",
            "number",
            "median, over cells that have it, of the fewest molecules that are seen if they are added or taken away; "
            "empty where in half of these cells none ever are, and without a closed form",
            "molecules",
            optional=True,
        ),
        Column(
            "tied",
            "number",
            "share of the cells that have it in which another gene that is read has its count; empty if unread",
            "0 to 1",
            optional=True,
        ),
    ),
    ("dataset", "seed", "gene", "cell_type", "space"),
    location="results/<dataset>/tables/visibility.parquet",
)

UNSEEN_CHANGE = Table(
    "unseen_change",
    "One real cell and one gene, whose count is doubled: of the genes that the most encodings read the change that the "
    "fewest of these see, of these the largest count.",
    (
        DATASET,
        SEED,
        SPACE,
        CELL_ID,
        CELL_TYPE,
        Column("gene", "text", "the gene"),
        Column("count", "number", "its count", "counts"),
        Column("count_after", "number", "its count after the change", "counts"),
        Column("seen", "boolean", "whether the encoding changes"),
        Column("entry", "number", "its entry: a place, bin, level or value; empty where it has none", optional=True),
        Column("entry_after", "number", "its entry after the change", optional=True),
        Column("displaced", "number", "entries of other genes that move", "genes"),
        Column("entries", "integer", "entries of the cell", "genes"),
    ),
    ("dataset", "seed", "space"),
    location="results/<dataset>/tables/unseen_change.parquet, .tsv",
)

UNSEEN_CELL = Table(
    "unseen_cell",
    "The genes of the cell of the table `unseen_change`, highest count first.",
    (
        DATASET,
        SEED,
        CELL_ID,
        CELL_TYPE,
        Column("gene", "text", "name of the gene"),
        Column("count", "number", "its count", "counts"),
        Column("changed", "boolean", "whether it is the gene that is changed"),
    ),
    ("dataset", "seed", "gene"),
    location="results/<dataset>/tables/unseen_cell.parquet",
)

TABLES = (COUNTERFACTUALS, BLIND_BANDS, MOVEMENTS, VISIBILITY, UNSEEN_CHANGE, UNSEEN_CELL)
