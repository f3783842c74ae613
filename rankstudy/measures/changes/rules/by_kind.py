"""Which closed form is that of a corner."""

from __future__ import annotations

from rankstudy.measures.changes.rules.bins import BinsRule
from rankstudy.measures.changes.rules.order import OrderRule, SharedOrderRule
from rankstudy.measures.changes.rules.presence import PresenceRule
from rankstudy.measures.changes.rules.rule import OneCell, Rule
from rankstudy.measures.changes.rules.totals import LevelsRule, ValuesRule
from rankstudy.measures.lattice.corner import SHARED, Corner

_RULES = {"bins": BinsRule, "levels": LevelsRule, "value": ValuesRule, "presence": PresenceRule}


def rule_of(corner: Corner, cell: OneCell) -> Rule:
    """Return the closed form of a corner in a cell."""
    if corner.kind == "order":
        return (SharedOrderRule if corner.ties == SHARED else OrderRule)(corner, cell)
    return _RULES[corner.kind](corner, cell)
