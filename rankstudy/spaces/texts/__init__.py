"""Spaces that a text model makes: of the list of a cell's genes, or of texts on its genes.

GenePT (Chen and Zou 2024) does both. Its text model is a paid service; here it is whichever a release
(`config/text_models`) or a plug-in gives, and spaces are named for that one.
"""
