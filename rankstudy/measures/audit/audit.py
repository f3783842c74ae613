"""The audit of an embedding: every check, before any score."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from rankstudy.measures.audit import checks
from rankstudy.measures.audit.brought_rows import Brought
from rankstudy.measures.audit.findings import Finding, beside_the_point
from rankstudy.measures.audit.row_order import CHECK, row_order
from rankstudy.measures.audit.tables import FAILED
from rankstudy.measures.audit.thresholds import Thresholds


def audit(brought: Brought, thresholds: Thresholds, *, seed: int) -> pd.DataFrame:
    """Return what every check found, as rows of the table `embedding_audit` without data set and space.

    Parameters
    ----------
    brought
        The embedding, as it was brought.
    thresholds
        From where on checks fail, fixed beforehand.
    seed
        Of the draws of rows.
    """
    found = [*checks.ids(brought, thresholds), checks.finite(brought)]
    if found[-1].outcome == FAILED or not len(brought.rows):
        found.append(beside_the_point(CHECK, "not all values are numbers"))
        return pd.DataFrame(found, columns=Finding._fields)
    of_columns = checks.columns(brought, thresholds)
    taken = {finding.subject for finding in of_columns if finding.outcome == FAILED}
    clean = np.array([str(name) not in taken for name in brought.columns]) & (
        brought.vectors != brought.vectors[:1]
    ).any(axis=0)
    found += [
        *checks.constant(brought, thresholds),
        checks.doubled(brought, thresholds),
        checks.directions(brought, thresholds),
        *of_columns,
        row_order(brought, clean, thresholds, seed),
    ]
    return pd.DataFrame(found, columns=Finding._fields)


def failures(findings: pd.DataFrame) -> Sequence[str]:
    """Return the checks that failed, a sentence each."""
    failed = findings[findings["outcome"] == FAILED]
    return [f"{row.check}: {row.note}" for row in failed.itertuples()]
