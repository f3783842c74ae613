"""The tests: a package, so that the `tests` that plottable (of scib-metrics) installs does not stand before it."""
