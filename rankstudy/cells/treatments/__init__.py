"""Treatments: changes of the counts before any encoding, counts -> counts, molecule by molecule.

Each molecule of a gene in a cell has a uniform number: a function of seed, cell id, draw, gene name and its number
among that gene's molecules. A treatment keeps those with the smallest numbers, so that what a stronger one keeps is
part of what a weaker one keeps, and neither the order of cells or genes nor the chunks in which they come change a
count.
"""
