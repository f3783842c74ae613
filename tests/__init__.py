"""The tests. A package, so that the `tests` which plottable, a requirement of scib-metrics, installs does not stand before it."""
