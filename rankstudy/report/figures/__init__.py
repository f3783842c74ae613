"""Figures, one module and one function each, drawn from tables alone: restyling one recomputes nothing.

Every function takes the tables that it shows and two paths, and writes the figure as SVG and PNG. Colours, sizes and
fonts are those of `rankstudy.report.figures.style`.
"""
