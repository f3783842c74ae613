"""Figures, one module each, drawn from tables alone: restyling one recomputes nothing.

To add a figure, put a module here that declares `FIGURE` (see `rankstudy.report.figure`) and holds a function `draw`,
and give it a line in the article. It is drawn as SVG and PNG. Colours, sizes and fonts are those of
`rankstudy.report.figures.style`.
"""
