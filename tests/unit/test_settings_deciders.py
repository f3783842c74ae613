"""What decides: shares of variance and flips by hand, and both where the truth is known."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from rankstudy.measures.settings.deciders import deciders
from rankstudy.measures.settings.tables import DECIDERS, DEPTHS, PANELS, PARTS
from rankstudy.measures.verdict import BETTER, NO_DIFFERENCE, NOT_IN_FAMILY, WORSE

LEVELS = {"measure": ("correlation", "cosine"), "centred": (False, True), "panel": PANELS, "depth": DEPTHS}
FREEDOM, LEVEL = 7.0, 0.95


def grid(*parts):
    """Return every setting of these parts; the others have one level."""
    levels = {part: LEVELS[part] if part in parts else LEVELS[part][:1] for part in PARTS}
    return pd.DataFrame(list(product(*levels.values())), columns=list(levels))


def signs(settings):
    """Return -1 and 1 for the two levels of each part."""
    return {part: np.where(settings[part] == LEVELS[part][0], -1.0, 1.0) for part in PARTS}


def found(settings, estimates, resampled=None, verdicts=None):
    """Return the deciders by part; without resamples, of differences that are exact."""
    exact = np.broadcast_to(estimates, (999, len(estimates)))
    said = [NO_DIFFERENCE] * len(estimates) if verdicts is None else verdicts
    given = estimates, exact if resampled is None else resampled, FREEDOM, said, LEVEL
    return deciders(settings, *given).set_index("part")


def test_shares_are_those_of_plain_means_over_the_settings():
    """Sobol' 1993: the variance of the means given a part, and the mean of the variances given all others."""
    settings = grid(*PARTS)
    estimates = np.random.default_rng(0).normal(size=16)
    table = found(settings, estimates)
    by = pd.Series(estimates, pd.MultiIndex.from_frame(settings))
    for part in PARTS:
        first = by.groupby(part).mean().var(ddof=0) / by.var(ddof=0)
        total = by.groupby([other for other in PARTS if other != part]).var(ddof=0).mean() / by.var(ddof=0)
        for name, share in {"first_order": first, "total": total}.items():
            assert table.loc[part, [name, f"{name}_low", f"{name}_high"]].tolist() == pytest.approx([share] * 3)
    assert table["spread"].tolist() == pytest.approx([estimates.std()] * 4)
    assert (table["settings"] == 16).all() and (table["level"] == LEVEL).all()


def test_the_columns_are_those_of_the_table_and_parts_with_one_level_get_no_row():
    settings = grid("centred", "depth")
    table = deciders(settings, np.arange(4.0), np.tile(np.arange(4.0), (99, 1)), FREEDOM, [BETTER] * 4, LEVEL)
    assert table.columns.tolist() == DECIDERS.names[6:] and DECIDERS.names[6] == "part"
    assert table["part"].tolist() == ["centred", "depth"]
    assert table["total"].tolist() == pytest.approx([0.8, 0.2])
    nothing = deciders(grid(), np.ones(1), np.ones((99, 1)), FREEDOM, [BETTER], LEVEL)
    assert nothing.empty and nothing.columns.tolist() == DECIDERS.names[6:]


@pytest.mark.parametrize(
    "settings",
    [
        grid("centred", "panel").iloc[:3],
        grid("centred", "panel").iloc[[0, 1, 2, 2]],
        pd.concat([grid("measure"), grid("measure").assign(measure="euclidean").iloc[:1]]),
    ],
    ids=["missing", "twice", "three levels"],
)
def test_what_is_no_full_factorial_of_two_levels_is_refused(settings):
    n = len(settings)
    with pytest.raises(ValueError, match="no full factorial"):
        deciders(settings, np.ones(n), np.ones((99, n)), FREEDOM, [BETTER] * n, LEVEL)


def test_the_order_of_the_settings_changes_nothing():
    settings, random = grid(*PARTS), np.random.default_rng(1)
    estimates = random.normal(size=16)
    resampled = estimates + 0.05 * random.normal(size=(999, 16))
    said = np.array([BETTER if one > 0 else WORSE for one in estimates])
    order = random.permutation(16)
    table = found(settings, estimates, resampled, said)
    assert table["changed"].sum() > 0 and table["first_order"].notna().all()
    pd.testing.assert_frame_equal(
        found(settings.iloc[order], estimates[order], resampled[:, order], said[order]), table
    )


def test_flips_are_counted_by_hand():
    """Centring: worse -> better, open -> better; the panel: worse -> open; two words for neither are one answer."""
    settings = grid("centred", "panel")
    assert settings[["centred", "panel"]].to_numpy().tolist() == [list(one) for one in product((False, True), PANELS)]
    estimates, random = np.array([-1.0, 0.0, 1.0, 1.0]), np.random.default_rng(2)
    resampled = estimates + random.normal(0, [0.1, 0.8, 0.1, 0.1], (999, 4))
    table = found(settings, estimates, resampled, [WORSE, NO_DIFFERENCE, BETTER, BETTER])
    assert table.loc["centred", ["flips", "changed", "turned", "beyond", "decides"]].tolist() == [2, 2, 1, 1, True]
    # worse one way and open the other: that is a difference between words, not beyond chance
    assert table.loc["panel", ["flips", "changed", "turned", "beyond", "decides"]].tolist() == [2, 1, 0, 0, False]
    same = found(settings, estimates, resampled, [NOT_IN_FAMILY, NO_DIFFERENCE, BETTER, BETTER])
    assert same.loc["panel", "changed"] == 0


def test_differences_that_differ_beyond_chance_but_not_in_words_decide_nothing():
    settings, random = grid("centred", "panel"), np.random.default_rng(3)
    estimates = np.array([1.0, 1.0, 9.0, 9.0])
    table = found(settings, estimates, estimates + 0.1 * random.normal(size=(999, 4)), [BETTER] * 4)
    assert table.loc["centred", ["changed", "beyond", "decides"]].tolist() == [0, 0, False]
    assert table.loc["centred", "first_order_low"] > 0.9


def test_panels_of_the_same_genes_make_nothing_though_sums_are_rounded():
    settings, random = grid(*PARTS), np.random.default_rng(4)
    at = settings.assign(panel=PANELS[0]).merge(grid("measure", "centred", "depth").reset_index())["index"].to_numpy()
    estimates = 0.1 * random.normal(size=8)
    resampled = estimates + 0.01 * random.normal(size=(999, 8))
    table = found(settings, estimates[at], resampled[:, at])
    assert table.loc["panel", ["first_order", "total", "total_high"]].tolist() == [0, 0, 0]
    assert table["first_order"].drop("panel").gt(0).any()
    alike = found(settings, np.full(16, 0.1), np.tile(0.1 + 0.01 * random.normal(size=(999, 1)), 16))
    assert (alike["spread"] == 0).all() and alike["total"].isna().all()


EFFECTS = {("measure",): 1.0, ("centred",): 0.5, ("centred", "panel"): 0.5, ("measure", "centred"): 0.25}


def repeats(n_batches, effects, noise, n_repeats, seed):
    """Yield the deciders of means over batches drawn anew, of which the truth is a sum of products of signs."""
    settings, random = grid(*PARTS), np.random.default_rng(seed)
    sign = signs(settings)
    truth = sum(size * np.prod([sign[part] for part in of], axis=0) for of, size in effects.items()) + np.zeros(16)
    for _ in range(n_repeats):
        # batches move all settings together, those of one level of a part, and each
        moved = random.normal(size=(n_batches, 1)) + 0.5 * random.normal(size=(n_batches, 16))
        moved += sum(0.5 * random.normal(size=(n_batches, 1)) * of_part for of_part in sign.values())
        values = truth + noise * moved
        estimates = values.mean(axis=0)
        times = random.multinomial(n_batches, np.full(n_batches, 1 / n_batches), 1000) / n_batches
        resampled = estimates + times @ (values - estimates) * np.sqrt(n_batches / (n_batches - 1))
        said = [BETTER if one > 0 else WORSE for one in estimates]
        yield deciders(settings, estimates, resampled, n_batches - 1.0, said, LEVEL).set_index("part")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n_batches", "noise"),
    [
        (8, 1.0),
        *(pytest.param(n, noise, marks=pytest.mark.long) for n in (5, 8, 20) for noise in (0.3, 1.0, 2.0)),
    ],
)
def test_intervals_of_shares_hold_the_truth_as_often_as_they_say(n_batches, noise):
    """In 93 to 99 % of 1,500 samples, most often where there is much chance: then a resample may have any share."""
    squares = {of: size**2 / sum(one**2 for one in EFFECTS.values()) for of, size in EFFECTS.items()}
    true = {
        "first_order": np.array([squares.get((part,), 0.0) for part in PARTS]),
        "total": np.array([sum(share for of, share in squares.items() if part in of) for part in PARTS]),
    }
    held, means = {name: [] for name in true}, []
    for table in repeats(n_batches, EFFECTS, noise, 500, seed=5):
        if table["spread"].iloc[0] > 0:
            means.append(table["spread"].iloc[0])
            for name, shares in true.items():
                low, high = (table[f"{name}_{end}"].to_numpy() for end in ("low", "high"))
                held[name].append((low <= shares) & (shares <= high))
            assert (table["first_order"] <= table["total"]).all()
    for name in true:
        assert np.mean(held[name], axis=0).min() >= 0.9, np.mean(held[name], axis=0)
    spread = np.sqrt(sum(size**2 for size in EFFECTS.values()))
    # of those that are seen at all, which is fewer where there is much chance
    assert np.sqrt(np.mean(np.square(means))) == pytest.approx(spread, rel=0.15 if noise > 1 else 0.03)


@pytest.mark.slow
@pytest.mark.parametrize("n_batches", [5, 8])
def test_where_nothing_matters_it_is_seldom_said_that_something_does(n_batches):
    tables = list(repeats(n_batches, {}, 1.0, 500, seed=6))
    assert np.mean([table["spread"].iloc[0] > 0 for table in tables]) <= 0.07
    assert np.mean([table["decides"].any() for table in tables]) <= 0.07


@pytest.mark.slow
def test_what_matters_is_found_out():
    tables = list(repeats(8, {("centred",): 1.0}, 0.5, 200, seed=7))
    decides = np.mean([table["decides"] for table in tables], axis=0)
    assert decides[PARTS.index("centred")] > 0.95 and np.delete(decides, PARTS.index("centred")).max() <= 0.05
