"""One real cell with a doubled gene that hardly any encoding sees: the tables `unseen_change` and `unseen_cell`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import scipy.sparse as sp

from rankstudy.measures.causes.looked_at import LookedAt
from rankstudy.measures.changes.anew import Encoding
from rankstudy.measures.changes.drawn import Changed, Drawn
from rankstudy.measures.changes.outcomes import Outcomes
from rankstudy.measures.changes.tables import CHANGES


class Unseen:
    """Counts, of every doubled gene, the encodings that read it and those that see its change."""

    def __init__(self, drawn: Drawn) -> None:
        self._drawn = drawn
        self._doubled = np.flatnonzero(drawn.change == CHANGES.index("x2"))
        self._read, self._seen = np.zeros((2, len(self._doubled)), np.int64)

    def add(self, found: Outcomes) -> None:
        """Take one more encoding, of which all changes are known."""
        self._read += found.read[self._doubled]
        self._seen += ~found.first_blind[self._doubled]

    @property
    def change(self) -> int:
        """The number of the change that the fewest see, of the genes that the most read; of these the largest count."""
        order = np.lexsort((-self._drawn.before[self._doubled], self._seen, -self._read))
        return int(self._doubled[order[0]])

    def tables(self, looked: LookedAt, cell_types: Mapping[str, str]) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the two tables, but for the names of data set and replicate."""
        drawn, which = self._drawn, np.array([self.change])
        changed = Changed(drawn, which)
        gene, cell = int(drawn.gene[which[0]]), int(drawn.cell[which[0]])
        cell_id, names = drawn.counts.obs_names[cell], drawn.counts.var_names
        about = {"cell_id": cell_id, "cell_type": cell_types[cell_id]}
        counts = {"count": drawn.before[which[0]], "count_after": drawn.after[which[0]]}
        rows = [
            {"space": name, **about, "gene": names[gene], **counts, **_seen(Encoding(looked, name), changed)}
            for name in looked.encoders
        ]
        row = sp.csr_matrix(drawn.counts.X)[cell]
        genes = pd.DataFrame({**about, "gene": names[row.indices], "count": row.data.astype(float)})
        genes = genes.assign(changed=row.indices == gene).sort_values(["count", "gene"], ascending=[False, True])
        return pd.DataFrame(rows), genes


def _seen(encoding: Encoding, changed: Changed) -> dict[str, object]:
    """Return what an encoding shows of one change."""
    ((_, before, after),) = encoding.changes(changed)
    genes = changed.drawn.gene[changed.which]
    moves, column = encoding.moves(before, after, genes), before.columns[genes[0]]
    entries = [encoding.entries(of.whole)[0, column] if column >= 0 else 0.0 for of in (before, after)]
    return {
        "seen": not moves.blind[0],
        "entry": entries[0] or np.nan,
        "entry_after": entries[1] or np.nan,
        "displaced": float(moves.displaced[0]),
        "entries": int(before.whole.nnz),
    }
